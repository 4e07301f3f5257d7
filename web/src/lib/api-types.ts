// Made by "npm run api" from api/openapi: not to be edited.
export interface paths {
    "/api/auth/methods": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How one can sign in here */
        get: operations["getSignInMethods"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begins a session
         * @description The answer has an access token for a quarter of an hour, and a cookie that refresh renews it with. Too many tries, by account or by address, are refused for a while.
         */
        post: operations["login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Renews a session by its cookie
         * @description The cookie is renewed, too. The one before is good for ten seconds more; shown later it ends the session, because somebody has a copy of it.
         */
        post: operations["refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends the session of the cookie, or all of its account */
        post: operations["logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is signed in */
        get: operations["getMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Changes one's password, and ends one's other sessions */
        put: operations["changePassword"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/discord": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sends a browser to Discord, to sign in there */
        get: operations["startDiscord"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/discord/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where Discord sends the browser back to
         * @description Begins the session of somebody who may manage servers (Manage Guild), as a manager of those that Coffer is in, and goes on to the page that he came from. There sign_in_error tells what went wrong, if it did.
         */
        get: operations["finishDiscord"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admins": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists accounts */
        get: operations["listAdmins"];
        put?: never;
        /** Makes an account with a password */
        post: operations["createAdmin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admins/{admin}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Changes an account's role, servers or password, or disables it
         * @description Whoever is disabled is out at his next request. An account that signs in with Discord can only be disabled, because Discord says what it may do. The last owner with a password stays one.
         */
        patch: operations["changeAdmin"];
        trace?: never;
    };
    "/api/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists tokens that were not revoked */
        get: operations["listTokens"];
        put?: never;
        /** Makes a token, which is shown this once */
        post: operations["createToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tokens/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Ends a token for ever */
        delete: operations["revokeToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/trail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists what was done to accounts and tokens, the newest first
         * @description It begins where the server learned of it: what was done before is not in it.
         */
        get: operations["listAccountTrail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tells whether the server and its store are well */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This description for programs */
        get: operations["getOpenAPI"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This description for people */
        get: operations["getDocs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Returns the server's figures
         * @description Days are in UTC; the last one is today and goes on. Each thing that happened is counted on the day of its own time. Where very much happens, figures are up to a minute old, and the members who earned and spent the most are ranked every ten minutes; at says as of when, top_since since when, and top_incomplete that they have not been ranked yet.
         */
        get: operations["getStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/books": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Proves that the server's ledger balances
         * @description All that the ledger has of the server is looked at, at most once a minute. For a very large server that takes longer than a request; then an older proof is sent, and at says when it was made, or 503 books_being_checked where there is none yet.
         */
        get: operations["getBooks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/trail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists what happened, the newest first
         * @description A page may have fewer entries than limit, or none, although others follow: where much does not fit the filters, it ends early. Go on until next_cursor is null. With Accept: text/csv all that fits is sent as a table.
         */
        get: operations["listTrail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tells of what happens while it does
         * @description Server-sent events: the id is a position, the event is the kind, the data an entry of the trail. Connect again with the last id as Last-Event-ID, and what happened meanwhile is sent first: nothing is left out, nothing comes twice, and what concerns one server comes in its order.
         *
         *     An event "reset" means that the id is of no use any more, as after a restore: read what you show anew, and go on with the id that comes with it. Comments, each with the id that you are at, come every 15 seconds. The stream ends when the account is disabled or its token is over, when the client does not read, and when the server ends; connect again then.
         */
        get: operations["streamEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The servers that the account is for */
        get: operations["listGuilds"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A server's settings */
        get: operations["getSettings"];
        /**
         * Replaces a server's settings
         * @description What is in members' wallets stays, whatever the highest balance is. A replacement by the same settings changes nothing. A channel that is new must be one of the server's, as Discord tells the bot.
         */
        put: operations["changeSettings"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/channels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A server's channels, as Discord tells the bot; up to a minute old */
        get: operations["listChannels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A server's roles, as Discord tells the bot; up to a minute old */
        get: operations["listRoles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A server's members
         * @description With Accept: text/csv all of them, as a file.
         */
        get: operations["listMembers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/members/{member}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One member: balance, rank, streak, goods, claims and the newest transactions */
        get: operations["getMember"];
        put?: never;
        post?: never;
        /**
         * Erases a member
         * @description His coins are burned, his claims dropped, his roles taken, and his Discord id, his name, the notes of his transactions and all that he handed in are blanked. What is left is numbers, so that the books balance. This cannot be taken back. If he uses the bot again, he is somebody new. Until Discord has taken his roles, his Discord id is kept for that.
         */
        delete: operations["eraseMember"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/members/{member}/data": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everything that is stored about a member */
        get: operations["getMemberData"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/members/{member}/adjustments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives coins to a member, takes some, or sets his balance */
        post: operations["adjustMember"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/adjustments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Does the same to many members' balances: to all of them, or to none
         * @description A dry run tells what it would do. Where one is refused, nothing is done, and the answer is 422 not_applied with what a dry run shows.
         */
        post: operations["adjustMembers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/imports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sets the balances that a CSV file tells: all of them, or none
         * @description The first line names the columns user_id (Discord's) and balance, and may name name; others are passed over, so that an export can be sent back. Cells are set off by commas, semicolons or tabs, and may be quoted. At most 10 MiB and 50000 rows, of 64 KiB each, in UTF-8. Who is not known becomes a member. In errors and changes, index is the line of the file.
         */
        post: operations["importBalances"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/transactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A server's transactions, the newest first
         * @description With Accept: text/csv all that are asked for, as a file with a row for each entry. A page of a member's may be short or empty although there are more: next_cursor tells.
         */
        get: operations["listTransactions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/transactions/{transaction}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One transaction */
        get: operations["getTransaction"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/transactions/{transaction}/reversal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Undoes a transaction by an opposite one, which is linked to it */
        post: operations["reverseTransaction"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists tasks, the newest first */
        get: operations["listTasks"];
        put?: never;
        /**
         * Creates a task
         * @description It is open at once and announced in the server's task channel, unless state is draft.
         */
        post: operations["createTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/tasks/{task}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Returns a task */
        get: operations["getTask"];
        /**
         * Replaces a task's terms
         * @description Claims that run keep the reward and the time that they were promised. What is left out is none. An archived task cannot be edited.
         */
        put: operations["editTask"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/tasks/{task}/state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Opens, closes or archives a task
         * @description A closed task takes no more claims; those that run go on. An archived one is over for ever, and with it the claims that were not handed in.
         */
        put: operations["moveTask"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/submissions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists work that was handed in
         * @description With state=waiting the oldest first, so that nobody waits for ever; else the newest first.
         */
        get: operations["listSubmissions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/submissions/{submission}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Returns a submission */
        get: operations["getSubmission"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/submissions/{submission}/proof": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tells where the picture can be seen that was handed in
         * @description An address at Discord, which is good for about a day. The code no_picture says that none was handed in, picture_gone that Discord has it no more.
         */
        get: operations["getProof"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/submissions/{submission}/review": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decides on work that waits
         * @description An approval pays at once, and once: whoever is second, here or in Discord, gets the code reviewed, with by, state and at of the first. Nobody reviews his own work.
         */
        post: operations["reviewSubmission"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/reviews": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decides on much work at once
         * @description Each submission is decided for itself; data tells in the order of the request how each ended. Sent again with the same key, none is decided twice; the key of another list is refused.
         */
        post: operations["reviewSubmissions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/items": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists items, the newest first */
        get: operations["listItems"];
        put?: never;
        /**
         * Adds an item to the shop
         * @description Without stock it is sold without limit.
         */
        post: operations["createItem"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/items/{item}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Returns an item
         * @description Its ETag changes with its terms; sales leave it.
         */
        get: operations["getItem"];
        /**
         * Replaces an item's terms
         * @description What is left out is none, but for the stock: that stays as it is unless it is sent, since it changes with each sale. An archived item cannot be edited.
         */
        put: operations["editItem"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/items/{item}/state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Takes an item off sale for ever
         * @description Whoever owns it keeps it.
         */
        put: operations["archiveItem"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/purchases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists purchases, the newest first */
        get: operations["listPurchases"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/purchases/{purchase}/refund": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes a purchase back
         * @description The coins return, the pieces go back to the stock, and a role that was bought with them is taken, unless another purchase entitles to it.
         */
        post: operations["refundPurchase"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists what Discord has still to be told, or refused for good, the newest first */
        get: operations["listDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/guilds/{guild}/deliveries/{delivery}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Has a delivery tried again at once */
        post: operations["retryDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @enum {unknown} */
        Role: "owner" | "manager" | "reviewer" | "viewer";
        /** @description Servers that the account is for, by Discord's ids. An owner is for all. */
        Guilds: components["schemas"]["Snowflake"][];
        /** @description Somebody who may use the dashboard, or the token of a program. */
        Account: {
            id: components["schemas"]["ID"];
            /** @enum {unknown} */
            kind: "password" | "discord" | "token";
            /** @description What one signs in with, or how one is called at Discord, or what the token is for. */
            username: string;
            discord_id: components["schemas"]["Snowflake"] | null;
            role: components["schemas"]["Role"];
            guilds: components["schemas"]["Guilds"];
            disabled: boolean;
            created_at: components["schemas"]["Time"];
            /** @description To the minute. */
            last_used_at: components["schemas"]["Time"] | null;
            expires_at: components["schemas"]["Time"] | null;
            /** @description The token itself, only in the answer that makes it. It cannot be shown again. */
            token?: string;
        };
        AccountPage: {
            data: components["schemas"]["Account"][];
            next_cursor: components["schemas"]["NextCursor"];
        };
        AccountTrailPage: {
            data: components["schemas"]["AccountTrailEntry"][];
            next_cursor: components["schemas"]["NextCursor"];
        };
        AccountTrailEntry: {
            id: components["schemas"]["ID"];
            /**
             * @description account.derived: Discord says other servers than before. password.reset: by an owner; password.changed: by its holder.
             * @enum {unknown}
             */
            kind: "account.created" | "account.changed" | "account.derived" | "password.reset" | "password.changed" | "token.created" | "token.revoked";
            account: components["schemas"]["AccountParty"];
            /** @description null: no account. The operator, at the terminal or in the environment, makes accounts, and Discord makes and derives those that sign in there; of anything else a server of an older version did not tell who did it. */
            by: components["schemas"]["AccountParty"] | null;
            /** @description null where something begins, and of a password. */
            before: components["schemas"]["Standing"] | null;
            /** @description null where something ends, and of a password. */
            after: components["schemas"]["Standing"] | null;
            at: components["schemas"]["Time"];
        };
        /** @description An account or a token, by the name that it has now. */
        AccountParty: {
            id: components["schemas"]["ID"];
            /** @enum {unknown} */
            kind: "password" | "discord" | "token";
            username: string;
        };
        /** @description What an account might do. */
        Standing: {
            role: components["schemas"]["Role"];
            guilds: components["schemas"]["Guilds"];
            disabled: boolean;
            expires_at: components["schemas"]["Time"] | null;
        };
        Session: {
            access_token: string;
            /** @constant */
            token_type: "Bearer";
            /** @description Seconds. */
            expires_in: number;
            account: components["schemas"]["Account"];
        };
        SignInMethods: {
            password: boolean;
            discord: boolean;
            /** @description The account of a demo on this machine; null elsewhere. */
            demo: null | {
                username: string;
                password: string;
            };
        };
        /** @description A number that Coffer gave. */
        ID: string;
        /** @description An id of Discord's. */
        Snowflake: string;
        /** Format: date-time */
        Time: string;
        /**
         * Format: int64
         * @description Whole coins.
         */
        Amount: number;
        /** @description The cursor of the next page; null: this is the last. */
        NextCursor: string | null;
        /** @description Who did something. */
        Actor: {
            /** @enum {unknown} */
            kind: "member" | "account" | "system" | "erased";
            /** @description A member's or an account's number; empty for the system. */
            id: string;
            /** @description A member's Discord id. */
            user_id: string | null;
            name: string;
        };
        Field: {
            /** @description Its name; with a slash before each further name or index where it is deeper. */
            field: string;
            code: string;
            detail: string;
        };
        /** @description What went wrong. Some codes add members of their own, such as the balance that was too small. */
        Problem: {
            /** @constant */
            type: "about:blank";
            title: string;
            status: number;
            code: string;
            detail: string;
            request_id?: string;
            fields?: components["schemas"]["Field"][];
            /** @description Seconds. */
            retry_after?: number;
        } & {
            [key: string]: unknown;
        };
        Health: {
            /** @enum {unknown} */
            status: "healthy" | "unhealthy";
            /** @constant */
            service: "coffer";
            version: string;
            timestamp: components["schemas"]["Time"];
            checks: {
                store: string;
            };
        };
        Stats: {
            at: components["schemas"]["Time"];
            members: number;
            /**
             * Format: int64
             * @description Coins in members' wallets: minted - burned - spent + refunded, ever.
             */
            circulation: number;
            /** @description As many as were asked for, the oldest first. */
            days: components["schemas"]["Day"][];
            /** @description By daily rewards and tasks of the last seven days, less what was taken back. */
            top_earners: components["schemas"]["Sum"][];
            /** @description In the shop in the last seven days, less refunds. */
            top_spenders: components["schemas"]["Sum"][];
            top_since: components["schemas"]["Time"];
            top_incomplete: boolean;
            waiting: components["schemas"]["Waiting"];
        };
        Day: {
            /** Format: date */
            day: string;
            /**
             * Format: int64
             * @description Coins that were made, or came back from removal.
             */
            minted: number;
            /**
             * Format: int64
             * @description Coins that were removed, by what was undone, too.
             */
            burned: number;
            /**
             * Format: int64
             * @description Coins that were spent in the shop.
             */
            spent: number;
            /** Format: int64 */
            refunded: number;
            transactions: number;
            /** @description Members who did something. */
            active_members: number;
            joined: number;
            erased: number;
            dailies: number;
            transfers: number;
            sales: number;
            /** @description Tasks that were paid. */
            rewards: number;
        };
        Sum: {
            member: components["schemas"]["Actor"];
            amount: components["schemas"]["Amount"];
        };
        /** @description What waits, counted up to 1000. */
        Waiting: {
            reviews: number;
            deliveries_failed: number;
            deliveries_waiting: number;
        };
        Books: {
            /** @description No invariant is broken, and mint + shop + burn + members is 0. */
            balanced: boolean;
            at: components["schemas"]["Time"];
            /**
             * Format: int64
             * @description Below 0 by the coins that were made.
             */
            mint: number;
            /** Format: int64 */
            shop: number;
            /** Format: int64 */
            burn: number;
            /** Format: int64 */
            members: number;
            entries: number;
            transactions: number;
            invariants: components["schemas"]["Invariant"][];
        };
        Invariant: {
            name: string;
            statement: string;
            /** @description How many rows break it. */
            broken: number;
            /** @description One of them. */
            example: string | null;
        };
        TrailEntry: {
            id: components["schemas"]["ID"];
            /** @description What streamEvents calls it by, as an id. */
            position: string;
            /** @description Such as daily, transfer, settings.changed or task.created. */
            kind: string;
            actor: components["schemas"]["Actor"];
            /** @description What it is about: guild, or the sort of thing and its number, such as member:12. */
            subject: string;
            /** @description What changed, as it was. Of a transaction, the balances of members by their numbers. */
            before: {
                [key: string]: unknown;
            } | null;
            /** @description And as it is. */
            after: {
                [key: string]: unknown;
            } | null;
            at: components["schemas"]["Time"];
        };
        Guild: {
            id: components["schemas"]["Snowflake"];
            name: string;
            icon_url: string | null;
            /** @description Those who were not erased. */
            members: number;
            currency: components["schemas"]["Currency"];
            /**
             * @description What the account may do there.
             * @enum {string}
             */
            role: "viewer" | "reviewer" | "manager" | "owner";
        };
        Currency: {
            name: string;
            symbol: string;
        };
        Settings: {
            /** @description Plural, 1 to 32 characters. */
            currency_name: string;
            /** @description An emoji, 1 to 64 characters. */
            currency_symbol: string;
            starting_balance: components["schemas"]["Amount"];
            daily_amount: components["schemas"]["Amount"];
            /**
             * Format: int64
             * @description For each day of the streak after the first.
             */
            streak_bonus: number;
            /** @description The most days that earn the bonus, 0 to 365. */
            streak_cap: number;
            /** @description Missed days that do not end a streak, 0 to 6. */
            grace: number;
            /** @description An IANA name; it decides when a day begins. */
            time_zone: string;
            /**
             * Format: int64
             * @description The most that can be earned or received.
             */
            max_balance: number;
            /** @description Where admins are told what needs them; empty: nowhere. */
            admin_channel: string;
            /** @description Where open tasks are shown; empty: nowhere. */
            task_channel: string;
            /** @description Where reviewers are asked; empty: nowhere. */
            review_channel: string;
            /** @description May review beside the admins; empty: nobody. */
            reviewer_role: string;
            /** @description Where who joins is welcomed; empty: nowhere. */
            welcome_channel: string;
            /** @description May use /admin and review, beside those who manage the server; empty: nobody. */
            admin_role: string;
        };
        DiscordChannel: {
            id: components["schemas"]["Snowflake"];
            name: string;
            /** @enum {unknown} */
            kind: "text" | "announcement" | "voice" | "category" | "other";
            position: number;
        };
        DiscordRole: {
            id: components["schemas"]["Snowflake"];
            name: string;
            /** @description 0xRRGGBB; 0: none. */
            color: number;
            position: number;
        };
        Member: {
            id: components["schemas"]["ID"];
            /** @description His Discord id. */
            user_id: string;
            /** @description As he was called last. */
            name: string;
            balance: components["schemas"]["Amount"];
            /** @description Days in a row; 0 once broken. */
            streak: number;
            /**
             * Format: date
             * @description The day of the server's time zone for which he claimed coins last.
             */
            last_daily: string | null;
            created_at: components["schemas"]["Time"];
        };
        MemberFile: {
            id: components["schemas"]["ID"];
            /** @description His Discord id. */
            user_id: string;
            /** @description As he was called last. */
            name: string;
            balance: components["schemas"]["Amount"];
            /** @description Days in a row; 0 once broken. */
            streak: number;
            /**
             * Format: date
             * @description The day of the server's time zone for which he claimed coins last.
             */
            last_daily: string | null;
            created_at: components["schemas"]["Time"];
            /** @description His place, to 1000; beyond it the percentage of the richest that he is among. */
            rank: {
                position: number | null;
                top_percent: number | null;
            };
            /**
             * Format: date-time
             * @description When he may claim again; null: now.
             */
            next_daily: string | null;
            /** @description The first hundred. */
            inventory: components["schemas"]["Holding"][];
            /** @description The newest 25. */
            claims: components["schemas"]["MemberClaim"][];
            /** @description The newest 25. */
            history: components["schemas"]["Transaction"][];
        };
        Holding: {
            item: components["schemas"]["ID"];
            name: string;
            quantity: number;
            usable: boolean;
            /** @description The Discord role that he is entitled to by it. */
            role: string | null;
            /** Format: date-time */
            role_until: string | null;
        };
        MemberClaim: {
            id: components["schemas"]["ID"];
            task: components["schemas"]["ID"];
            title: string;
            /** @enum {unknown} */
            state: "claimed" | "submitted" | "rejected" | "failed" | "approved" | "dropped" | "expired";
            reward: components["schemas"]["Amount"];
            tries: number;
            /** Format: date-time */
            due: string | null;
            paid: components["schemas"]["Amount"];
            /** @description Of the last rejection. */
            reason: string;
            created_at: components["schemas"]["Time"];
        };
        MemberData: {
            member: components["schemas"]["Member"];
            goods: {
                item: components["schemas"]["ID"];
                name: string;
                owned: number;
                used: number;
            }[];
            purchases: {
                id: components["schemas"]["ID"];
                item: components["schemas"]["ID"];
                name: string;
                quantity: number;
                total: components["schemas"]["Amount"];
                transaction: components["schemas"]["ID"];
                refund: string | null;
                at: components["schemas"]["Time"];
            }[];
            entitlements: {
                purchase: components["schemas"]["ID"];
                role: string;
                /** Format: date-time */
                until: string | null;
                /** Format: date-time */
                ended: string | null;
                granted: boolean;
            }[];
            claims: components["schemas"]["MemberClaim"][];
            submissions: {
                id: components["schemas"]["ID"];
                claim: components["schemas"]["ID"];
                try: number;
                text: string;
                image: string;
                state: string;
                percent: number;
                paid: components["schemas"]["Amount"];
                reason: string;
                at: components["schemas"]["Time"];
                /** Format: date-time */
                reviewed_at: string | null;
            }[];
            deliveries: {
                id: components["schemas"]["ID"];
                kind: string;
                state: string;
                role: string | null;
                notice: string | null;
                at: components["schemas"]["Time"];
            }[];
            /** @description Submissions of others that he reviewed. */
            reviews: components["schemas"]["ID"][];
            transactions: components["schemas"]["Transaction"][];
        };
        Transaction: {
            id: components["schemas"]["ID"];
            /** @enum {unknown} */
            kind: "opening" | "daily" | "transfer" | "give" | "take" | "set" | "reversal" | "purchase" | "refund" | "reward";
            actor: components["schemas"]["Actor"];
            note: string;
            at: components["schemas"]["Time"];
            /** @description The transaction that it undoes. */
            reverses: string | null;
            /** @description The transaction that undoes it. */
            reversed_by: string | null;
            /** @description Their amounts sum to 0. */
            entries: components["schemas"]["Entry"][];
        };
        Entry: {
            /** @description A member, or where system is set one of the server's own accounts. */
            account: {
                /** @enum {unknown} */
                kind: "member" | "system" | "erased";
                id: string;
                user_id: string | null;
                name: string;
                /** @enum {string|null} */
                system: "mint" | "shop" | "burn" | null;
            };
            amount: components["schemas"]["Amount"];
            /**
             * Format: int64
             * @description A member's, after it.
             */
            balance: number | null;
        };
        AdjustmentList: {
            dry_run: boolean;
            applied: boolean;
            /** @description How many balances change. */
            count: number;
            /** @description How many become members. */
            created: number;
            minted: components["schemas"]["Amount"];
            burned: components["schemas"]["Amount"];
            /** @description The first 200. */
            changes: {
                /** @description Of the list from 0, or the line of the file. */
                index: number;
                /** @description null: would become one. */
                member: string | null;
                before: components["schemas"]["Amount"];
                after: components["schemas"]["Amount"];
                /** @description null: nothing moves, or nothing was applied. */
                transaction: string | null;
            }[];
            /** @description The first 1000. */
            errors: {
                /** @description Of the list from 0, or the line of the file. */
                index: number;
                member: string | null;
                code: string;
                detail: string;
            }[];
        };
        Named: {
            id: components["schemas"]["ID"];
            name: string;
        };
        OptionalTime: components["schemas"]["Time"] | null;
        OptionalID: components["schemas"]["ID"] | null;
        OptionalSnowflake: components["schemas"]["Snowflake"] | null;
        /**
         * Format: date-time
         * @description null: none.
         */
        OptionalMoment: string | null;
        /** @description Of the reward, with an approval; all of it where it is left out. */
        Percent: number | null;
        /** @description Needed for a rejection; the member is told. */
        Reason: string | null;
        TaskTerms: {
            /** @description Unique among those not archived, in letters of either case. */
            title: string;
            description?: string;
            /** @description An https address; empty means none. */
            picture?: string;
            /** Format: int64 */
            reward: number;
            /**
             * @description What is to be handed in.
             * @enum {unknown}
             */
            proof: "none" | "text" | "link" | "image";
            /**
             * @description Who decides on what was handed in.
             * @enum {unknown}
             */
            review: "person" | "answer" | "nobody";
            /** @description With the review by answer, whose proof is a text. */
            answer?: string | null;
            /** @description How often it can be done in all; 0 means without limit. */
            places?: number;
            /**
             * @description How often one member may do it.
             * @enum {unknown}
             */
            repeat: "once" | "daily" | "weekly";
            deadline?: components["schemas"]["OptionalMoment"];
            /** @description How long a claim may take; 0 means without limit. */
            claim_hours?: number;
            /** @description How often one claim may be handed in. */
            tries: number;
            required_role?: components["schemas"]["OptionalSnowflake"];
            prerequisite?: components["schemas"]["OptionalID"];
        };
        NewTask: {
            /** @description Unique among those not archived, in letters of either case. */
            title: string;
            description?: string;
            /** @description An https address; empty means none. */
            picture?: string;
            /** Format: int64 */
            reward: number;
            /**
             * @description What is to be handed in.
             * @enum {unknown}
             */
            proof: "none" | "text" | "link" | "image";
            /**
             * @description Who decides on what was handed in.
             * @enum {unknown}
             */
            review: "person" | "answer" | "nobody";
            /** @description With the review by answer, whose proof is a text. */
            answer?: string | null;
            /** @description How often it can be done in all; 0 means without limit. */
            places?: number;
            /**
             * @description How often one member may do it.
             * @enum {unknown}
             */
            repeat: "once" | "daily" | "weekly";
            deadline?: components["schemas"]["OptionalMoment"];
            /** @description How long a claim may take; 0 means without limit. */
            claim_hours?: number;
            /** @description How often one claim may be handed in. */
            tries: number;
            required_role?: components["schemas"]["OptionalSnowflake"];
            prerequisite?: components["schemas"]["OptionalID"];
            /**
             * @default open
             * @enum {string|null}
             */
            state: "draft" | "open" | null;
        };
        Task: {
            /** @description Unique among those not archived, in letters of either case. */
            title: string;
            description: string;
            /** @description An https address; empty means none. */
            picture: string;
            /** Format: int64 */
            reward: number;
            /**
             * @description What is to be handed in.
             * @enum {unknown}
             */
            proof: "none" | "text" | "link" | "image";
            /**
             * @description Who decides on what was handed in.
             * @enum {unknown}
             */
            review: "person" | "answer" | "nobody";
            /** @description null: it is shown to managers only. */
            answer: string | null;
            /** @description How often it can be done in all; 0 means without limit. */
            places: number;
            /**
             * @description How often one member may do it.
             * @enum {unknown}
             */
            repeat: "once" | "daily" | "weekly";
            deadline: components["schemas"]["OptionalMoment"];
            /** @description How long a claim may take; 0 means without limit. */
            claim_hours: number;
            /** @description How often one claim may be handed in. */
            tries: number;
            required_role: components["schemas"]["OptionalSnowflake"];
            prerequisite: components["schemas"]["OptionalID"];
            id: components["schemas"]["ID"];
            /** @enum {unknown} */
            state: "draft" | "open" | "closed" | "archived";
            version: number;
            /** @description Places, by claims that run or were approved. */
            taken: number;
            /** @description Submissions that wait for a review; 100 means as many or more. */
            waiting: number;
            created_at: components["schemas"]["Time"];
            changed_at: components["schemas"]["Time"];
            changed_by: components["schemas"]["Actor"];
        };
        Submission: {
            id: components["schemas"]["ID"];
            claim: components["schemas"]["ID"];
            task: components["schemas"]["Named"];
            member: components["schemas"]["Actor"];
            /**
             * @description That was asked for then.
             * @enum {unknown}
             */
            proof: "none" | "text" | "link" | "image";
            /** @description A text or a link; empty means none. A text that was accepted by no person may be the task's answer, and is shown to managers only. */
            text: string;
            /** @description null: none. See getProof. */
            picture: null | {
                name: string;
                type: string;
                /** @description Bytes. */
                size: number;
            };
            reward: components["schemas"]["Amount"];
            try: number;
            submitted_at: components["schemas"]["Time"];
            /** @enum {unknown} */
            state: "waiting" | "accepted" | "refused";
            /** @description null: nobody has reviewed it, or no person. */
            reviewer: components["schemas"]["Actor"] | null;
            percent: number;
            paid: components["schemas"]["Amount"];
            reason: string;
            /** @description It was refused and the claim has failed. */
            last: boolean;
            reviewed_at: components["schemas"]["OptionalTime"];
            transaction: components["schemas"]["OptionalID"];
        };
        Verdict: {
            approve: boolean;
            percent?: components["schemas"]["Percent"];
            reason?: components["schemas"]["Reason"];
        };
        ReviewOutcome: {
            submission: components["schemas"]["ID"];
            /** @enum {unknown} */
            state: "accepted" | "refused";
            percent: number;
            paid: components["schemas"]["Amount"];
            reason: string;
            reviewed_at: components["schemas"]["Time"];
            /** @enum {unknown} */
            claim_state: "approved" | "rejected" | "failed";
            tries_left: number;
            transaction: components["schemas"]["OptionalID"];
        };
        /** @description How many pieces are left to sell, if limited. */
        Stock: {
            limited: boolean;
            /** Format: int64 */
            left: number;
        };
        ItemTerms: {
            /** @description Unique among those not archived, in letters of either case. */
            name: string;
            description?: string;
            category?: string;
            /** @description An https address; empty means none. */
            picture?: string;
            /** Format: int64 */
            price: number;
            /**
             * Format: int64
             * @description The most that one member may buy; 0 means without limit.
             */
            member_limit?: number;
            required_role?: components["schemas"]["OptionalSnowflake"];
            /** Format: int64 */
            minimum_balance?: number;
            from?: components["schemas"]["OptionalMoment"];
            until?: components["schemas"]["OptionalMoment"];
            role?: components["schemas"]["OptionalSnowflake"];
            /** @description For each piece; 0 means for ever. */
            role_hours?: number;
            /** @description A command takes one away. What comes with a role is not usable. */
            usable?: boolean;
            use_message?: string;
            stock?: components["schemas"]["Stock"] | null;
        };
        Item: {
            /** @description Unique among those not archived, in letters of either case. */
            name: string;
            description: string;
            category: string;
            /** @description An https address; empty means none. */
            picture: string;
            /** Format: int64 */
            price: number;
            /**
             * Format: int64
             * @description The most that one member may buy; 0 means without limit.
             */
            member_limit: number;
            required_role: components["schemas"]["OptionalSnowflake"];
            /** Format: int64 */
            minimum_balance: number;
            from: components["schemas"]["OptionalMoment"];
            until: components["schemas"]["OptionalMoment"];
            role: components["schemas"]["OptionalSnowflake"];
            /** @description For each piece; 0 means for ever. */
            role_hours: number;
            /** @description A command takes one away. What comes with a role is not usable. */
            usable: boolean;
            use_message: string;
            stock: components["schemas"]["Stock"];
            id: components["schemas"]["ID"];
            /** @enum {unknown} */
            state: "active" | "archived";
            version: number;
            /**
             * Format: int64
             * @description Pieces, less those refunded.
             */
            sold: number;
            created_at: components["schemas"]["Time"];
            changed_at: components["schemas"]["Time"];
            changed_by: components["schemas"]["Actor"];
        };
        Purchase: {
            id: components["schemas"]["ID"];
            item: components["schemas"]["Named"];
            quantity: number;
            total: components["schemas"]["Amount"];
            member: components["schemas"]["Actor"];
            /** @enum {unknown} */
            state: "kept" | "refunded";
            /** @description That it entitles to; null: none. */
            role: null | {
                id: components["schemas"]["Snowflake"];
                until: components["schemas"]["OptionalTime"];
                /** @description The entitlement has not ended. */
                runs: boolean;
                /** @description Discord has granted it. */
                granted: boolean;
            };
            transaction: components["schemas"]["ID"];
            at: components["schemas"]["Time"];
            /** @description How it was taken back; null: it was not. */
            refund: null | {
                transaction: components["schemas"]["ID"];
                by: components["schemas"]["Actor"];
                reason: string;
                at: components["schemas"]["Time"];
            };
        };
        Delivery: {
            id: components["schemas"]["ID"];
            /**
             * @description A role of a member, a message that is kept up to date, a message in a channel, or one to a member.
             * @enum {unknown}
             */
            kind: "role" | "card" | "channel" | "direct";
            /** @enum {unknown} */
            state: "waiting" | "failed";
            attempts: number;
            member: components["schemas"]["Actor"] | null;
            role_id: components["schemas"]["OptionalSnowflake"];
            channel_id: components["schemas"]["OptionalSnowflake"];
            /** @description What a card is about, such as task:12. */
            subject: string | null;
            /** @description What a message tells. */
            notice: string | null;
            /** @description Of the last attempt. */
            error: string;
            created_at: components["schemas"]["Time"];
            due_at: components["schemas"]["OptionalTime"];
        };
    };
    responses: {
        /** @description What was sent is malformed: code and fields say what and where. */
        Bad: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Nobody is signed in, or not any more. */
        Unauthorized: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The account's role does not include this. */
        Forbidden: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description There is no such thing, or it is outside of the account's servers. */
        NotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description What is there now does not allow it. */
        Conflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Somebody has changed it since. current is what it is now, changed_by and changed_at say who did and when. */
        Changed: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is too large. */
        TooLarge: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is of another type than this takes. */
        ContentType: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It was understood, and a rule says no; or the key was used with another body. */
        Refused: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description If-Match is missing. */
        NoPrecondition: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many requests; Retry-After says how long to wait. */
        TooMany: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Something went wrong here; request_id helps the operator to find it. */
        Failed: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The store or Discord does not answer. Try again soon. */
        Unavailable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        /** @description The account's id. */
        admin: components["schemas"]["ID"];
        /** @description The token's id. */
        token: components["schemas"]["ID"];
        /** @description The server's Discord id. */
        guild: components["schemas"]["Snowflake"];
        /** @description How many entries a page has at most. */
        limit: number;
        /** @description next_cursor of the page before. */
        cursor: string;
        /** @description New for each thing that you mean to do, such as a UUID. */
        idempotencyKey: string;
        /** @description The ETag of what you have seen. */
        ifMatch: string;
        /** @description The member's id here, not Discord's. */
        member: components["schemas"]["ID"];
        transaction: components["schemas"]["ID"];
        /** @description The task's id. */
        task: components["schemas"]["ID"];
        /** @description The submission's id. */
        submission: components["schemas"]["ID"];
        /** @description The item's id. */
        item: components["schemas"]["ID"];
        /** @description The purchase's id. */
        purchase: components["schemas"]["ID"];
        /** @description The delivery's id. */
        delivery: components["schemas"]["ID"];
    };
    requestBodies: never;
    headers: {
        /** @description The version of what is sent. */
        ETag: string;
        /** @description Whether a proxy of the dashboard that sent a secret (PROXY_SECRET) is believed whom the request comes from. Only for those that sent one. */
        Proof: "accepted" | "refused";
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getSignInMethods: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The ways in. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInMethods"];
                };
            };
        };
    };
    login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    username: string;
                    password: string;
                };
            };
        };
        responses: {
            /** @description The session, and its cookie. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description The user name or the password is wrong. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The page's origin is no dashboard of this server, whose sessions are for dashboards on other sites. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    refresh: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description The session, and its next cookie. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description The page's origin is no dashboard of this server, whose sessions are for dashboards on other sites. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @default false */
                    everywhere?: boolean;
                };
            };
        };
        responses: {
            /** @description The session is over. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The page's origin is no dashboard of this server, whose sessions are for dashboards on other sites. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    current: string;
                    new: string;
                };
            };
        };
        responses: {
            /** @description It is changed. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            422: components["responses"]["Refused"];
        };
    };
    startDiscord: {
        parameters: {
            query?: {
                /** @description The page of the dashboard that the browser comes back to. */
                return?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description To Discord. */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Nobody signs in with Discord here. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    finishDiscord: {
        parameters: {
            query?: {
                code?: string;
                state?: string;
                error?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description To a page of the dashboard. */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Nobody signs in with Discord here. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAdmins: {
        parameters: {
            query?: {
                /** @description How many entries a page has at most. */
                limit?: components["parameters"]["limit"];
                /** @description next_cursor of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountPage"];
                };
            };
        };
    };
    createAdmin: {
        parameters: {
            query?: never;
            header: {
                /** @description New for each thing that you mean to do, such as a UUID. */
                "Idempotency-Key": components["parameters"]["idempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Letters a to z, digits, and . - _ between them. */
                    username: string;
                    password: string;
                    role: components["schemas"]["Role"];
                    guilds: components["schemas"]["Guilds"];
                };
            };
        };
        responses: {
            /** @description The account. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
        };
    };
    changeAdmin: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    role?: components["schemas"]["Role"] | null;
                    guilds?: components["schemas"]["Guilds"] | null;
                    disabled?: boolean | null;
                    password?: string | null;
                };
            };
        };
        responses: {
            /** @description The account. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            409: components["responses"]["Conflict"];
            422: components["responses"]["Refused"];
        };
    };
    listTokens: {
        parameters: {
            query?: {
                /** @description How many entries a page has at most. */
                limit?: components["parameters"]["limit"];
                /** @description next_cursor of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountPage"];
                };
            };
        };
    };
    createToken: {
        parameters: {
            query?: never;
            header: {
                /** @description New for each thing that you mean to do, such as a UUID. */
                "Idempotency-Key": components["parameters"]["idempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    role: components["schemas"]["Role"];
                    guilds: components["schemas"]["Guilds"];
                    /**
                     * Format: date-time
                     * @description null or left out: never.
                     */
                    expires_at?: string | null;
                };
            };
        };
        responses: {
            /** @description The token. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": WithRequired<components["schemas"]["Account"], "token">;
                };
            };
        };
    };
    revokeToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is revoked. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    listAccountTrail: {
        parameters: {
            query?: {
                /** @description Only what was done to this account or token, by its id. */
                account?: components["schemas"]["ID"];
                /** @description Only what this account or token did, by its id. */
                by?: components["schemas"]["ID"];
                /** @description How many entries a page has at most. */
                limit?: components["parameters"]["limit"];
                /** @description next_cursor of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountTrailPage"];
                };
            };
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All is well. */
            200: {
                headers: {
                    "X-Coffer-Proxy": components["headers"]["Proof"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description The store does not answer. */
            503: {
                headers: {
                    "X-Coffer-Proxy": components["headers"]["Proof"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    getOpenAPI: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description An OpenAPI 3.1 document. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
        };
    };
    getDocs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
        };
    };
    getStats: {
        parameters: {
            query?: {
                /** @description How many days. */
                days?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The figures. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stats"];
                };
            };
        };
    };
    getBooks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The proof. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Books"];
                };
            };
        };
    };
    listTrail: {
        parameters: {
            query?: {
                /** @description Only what this member or account of the dashboard did, by its number here; system: only what nobody did. */
                actor?: string;
                /** @description Only this kind; with a point at its end, such as "task.", all kinds that begin so. */
                kind?: string;
                /** @description Only about this, such as task:12. */
                subject?: string;
                /** @description Only from this time on. */
                from?: string;
                /** @description Only before this time. */
                until?: string;
                /** @description How many entries a page has at most. */
                limit?: components["parameters"]["limit"];
                /** @description next_cursor of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["TrailEntry"][];
                        next_cursor: components["schemas"]["NextCursor"];
                    };
                    "text/csv": string;
                };
            };
        };
    };
    streamEvents: {
        parameters: {
            query?: never;
            header?: {
                /** @description The id of the last event that was received. */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
        };
    };
    listGuilds: {
        parameters: {
            query?: {
                /** @description How many entries a page has at most. */
                limit?: components["parameters"]["limit"];
                /** @description next_cursor of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them, by id. A server is called by its id where Discord does not tell its name in time. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Guild"][];
                        next_cursor: components["schemas"]["NextCursor"];
                    };
                };
            };
        };
    };
    getSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The settings. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
        };
    };
    changeSettings: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag of what you have seen. */
                "If-Match": components["parameters"]["ifMatch"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Settings"];
            };
        };
        responses: {
            /** @description The settings as they are now. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
        };
    };
    listChannels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them, in Discord's order. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["DiscordChannel"][];
                        next_cursor: components["schemas"]["NextCursor"];
                    };
                };
            };
        };
    };
    listRoles: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them but everybody's, the highest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["DiscordRole"][];
                        next_cursor: components["schemas"]["NextCursor"];
                    };
                };
            };
        };
    };
    listMembers: {
        parameters: {
            query?: {
                /** @description The beginning of a name, in capitals or not, or a whole Discord id. What is found is listed by name. */
                search?: string;
                sort?: "-balance" | "balance" | "name" | "-created" | "created";
                /** @description How many entries a page has at most. */
                limit?: components["parameters"]["limit"];
                /** @description next_cursor of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Member"][];
                        next_cursor: components["schemas"]["NextCursor"];
                    };
                    "text/csv": string;
                };
            };
        };
    };
    getMember: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The member. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberFile"];
                };
            };
        };
    };
    eraseMember: {
        parameters: {
            query?: never;
            header: {
                /** @description New for each thing that you mean to do, such as a UUID. */
                "Idempotency-Key": components["parameters"]["idempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description He is erased. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        burned: components["schemas"]["Amount"];
                        /** @description That burned his coins; null: he had none. */
                        transaction: string | null;
                    };
                };
            };
        };
    };
    getMemberData: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description His data, as a file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberData"];
                };
            };
        };
    };
    adjustMember: {
        parameters: {
            query?: never;
            header: {
                /** @description New for each thing that you mean to do, such as a UUID. */
                "Idempotency-Key": components["parameters"]["idempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {unknown} */
                    kind: "give" | "take" | "set";
                    amount: components["schemas"]["Amount"];
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description His balance before and after. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description null: the balance was so already. */
                        transaction: string | null;
                        before: components["schemas"]["Amount"];
                        after: components["schemas"]["Amount"];
                    };
                };
            };
        };
    };
    adjustMembers: {
        parameters: {
            query?: never;
            header: {
                /** @description New for each thing that you mean to do, such as a UUID. */
                "Idempotency-Key": components["parameters"]["idempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    members: components["schemas"]["ID"][];
                    /** @enum {unknown} */
                    kind: "give" | "take" | "set";
                    amount: components["schemas"]["Amount"];
                    reason?: string;
                    dry_run?: boolean;
                };
            };
        };
        responses: {
            /** @description What it did or would do. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AdjustmentList"];
                };
            };
        };
    };
    importBalances: {
        parameters: {
            query?: {
                dry_run?: boolean;
                reason?: string;
            };
            header: {
                /** @description New for each thing that you mean to do, such as a UUID. */
                "Idempotency-Key": components["parameters"]["idempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "text/csv": string;
            };
        };
        responses: {
            /** @description What it did or would do. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AdjustmentList"];
                };
            };
        };
    };
    listTransactions: {
        parameters: {
            query?: {
                /** @description Who takes part. */
                member?: components["schemas"]["ID"];
                kind?: "opening" | "daily" | "transfer" | "give" | "take" | "set" | "reversal" | "purchase" | "refund" | "reward";
                /** @description Not before. */
                from?: components["schemas"]["Time"];
                /** @description Before. */
                until?: components["schemas"]["Time"];
                /** @description How many entries a page has at most. */
                limit?: components["parameters"]["limit"];
                /** @description next_cursor of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Transaction"][];
                        next_cursor: components["schemas"]["NextCursor"];
                    };
                    "text/csv": string;
                };
            };
        };
    };
    getTransaction: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The transaction. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transaction"];
                };
            };
        };
    };
    reverseTransaction: {
        parameters: {
            query?: never;
            header: {
                /** @description New for each thing that you mean to do, such as a UUID. */
                "Idempotency-Key": components["parameters"]["idempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description The transaction that undoes it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transaction"];
                };
            };
        };
    };
    listTasks: {
        parameters: {
            query?: {
                /** @description Only those in this state. */
                state?: "draft" | "open" | "closed" | "archived";
                /** @description Only those whose title has this text in it, in letters of either case. */
                search?: string;
                /** @description How many entries a page has at most. */
                limit?: components["parameters"]["limit"];
                /** @description next_cursor of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Task"][];
                        next_cursor: components["schemas"]["NextCursor"];
                    };
                };
            };
        };
    };
    createTask: {
        parameters: {
            query?: never;
            header: {
                /** @description New for each thing that you mean to do, such as a UUID. */
                "Idempotency-Key": components["parameters"]["idempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTask"];
            };
        };
        responses: {
            /** @description The task; its terms and state are those it was created with. */
            201: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
        };
    };
    getTask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The task's id. */
                task: components["parameters"]["task"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The task. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
        };
    };
    editTask: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag of what you have seen. */
                "If-Match": components["parameters"]["ifMatch"];
            };
            path: {
                /** @description The task's id. */
                task: components["parameters"]["task"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TaskTerms"];
            };
        };
        responses: {
            /** @description The task. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
        };
    };
    moveTask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The task's id. */
                task: components["parameters"]["task"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {unknown} */
                    state: "open" | "closed" | "archived";
                };
            };
        };
        responses: {
            /** @description The task. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            409: components["responses"]["Conflict"];
            422: components["responses"]["Refused"];
        };
    };
    listSubmissions: {
        parameters: {
            query?: {
                /** @description Only those in this state. */
                state?: "waiting" | "accepted" | "refused";
                /** @description Only those of this task. */
                task?: components["schemas"]["ID"];
                /** @description Only those of this member. */
                member?: components["schemas"]["ID"];
                /** @description How many entries a page has at most. */
                limit?: components["parameters"]["limit"];
                /** @description next_cursor of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Submission"][];
                        next_cursor: components["schemas"]["NextCursor"];
                        /** @description How many wait for a review in the server, whatever was asked for; 100 means as many or more. */
                        waiting: number;
                    };
                };
            };
        };
    };
    getSubmission: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The submission's id. */
                submission: components["parameters"]["submission"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The submission. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Submission"];
                };
            };
        };
    };
    getProof: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The submission's id. */
                submission: components["parameters"]["submission"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The address. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uri */
                        url: string;
                        /** @description null: not known. */
                        expires_at: components["schemas"]["Time"] | null;
                    };
                };
            };
        };
    };
    reviewSubmission: {
        parameters: {
            query?: never;
            header: {
                /** @description New for each thing that you mean to do, such as a UUID. */
                "Idempotency-Key": components["parameters"]["idempotencyKey"];
            };
            path: {
                /** @description The submission's id. */
                submission: components["parameters"]["submission"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Verdict"];
            };
        };
        responses: {
            /** @description What became of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReviewOutcome"];
                };
            };
        };
    };
    reviewSubmissions: {
        parameters: {
            query?: never;
            header: {
                /** @description New for each thing that you mean to do, such as a UUID. */
                "Idempotency-Key": components["parameters"]["idempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    submissions: components["schemas"]["ID"][];
                    approve: boolean;
                    percent?: components["schemas"]["Percent"];
                    reason?: components["schemas"]["Reason"];
                };
            };
        };
        responses: {
            /** @description How each ended. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: {
                            submission: components["schemas"]["ID"];
                            ok: boolean;
                            problem: components["schemas"]["Problem"] | null;
                            result: components["schemas"]["ReviewOutcome"] | null;
                        }[];
                    };
                };
            };
        };
    };
    listItems: {
        parameters: {
            query?: {
                /** @description Only those in this state. */
                state?: "active" | "archived" | "all";
                /** @description Only those whose name has this text in it, in letters of either case. */
                search?: string;
                /** @description How many entries a page has at most. */
                limit?: components["parameters"]["limit"];
                /** @description next_cursor of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Item"][];
                        next_cursor: components["schemas"]["NextCursor"];
                    };
                };
            };
        };
    };
    createItem: {
        parameters: {
            query?: never;
            header: {
                /** @description New for each thing that you mean to do, such as a UUID. */
                "Idempotency-Key": components["parameters"]["idempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ItemTerms"];
            };
        };
        responses: {
            /** @description The item; its terms and stock are those it was created with. */
            201: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Item"];
                };
            };
        };
    };
    getItem: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The item's id. */
                item: components["parameters"]["item"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The item. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Item"];
                };
            };
        };
    };
    editItem: {
        parameters: {
            query?: never;
            header: {
                /** @description The ETag of what you have seen. */
                "If-Match": components["parameters"]["ifMatch"];
            };
            path: {
                /** @description The item's id. */
                item: components["parameters"]["item"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ItemTerms"];
            };
        };
        responses: {
            /** @description The item. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Item"];
                };
            };
        };
    };
    archiveItem: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The item's id. */
                item: components["parameters"]["item"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    state: "archived";
                };
            };
        };
        responses: {
            /** @description The item. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Item"];
                };
            };
        };
    };
    listPurchases: {
        parameters: {
            query?: {
                /** @description Only those of this member. */
                member?: components["schemas"]["ID"];
                /** @description Only those of this item. */
                item?: components["schemas"]["ID"];
                /** @description Only those in this state. */
                state?: "kept" | "refunded";
                /** @description How many entries a page has at most. */
                limit?: components["parameters"]["limit"];
                /** @description next_cursor of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Purchase"][];
                        next_cursor: components["schemas"]["NextCursor"];
                    };
                };
            };
        };
    };
    refundPurchase: {
        parameters: {
            query?: never;
            header: {
                /** @description New for each thing that you mean to do, such as a UUID. */
                "Idempotency-Key": components["parameters"]["idempotencyKey"];
            };
            path: {
                /** @description The purchase's id. */
                purchase: components["parameters"]["purchase"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Kept with the transaction. */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description What was paid back. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        purchase: components["schemas"]["ID"];
                        transaction: components["schemas"]["ID"];
                        /** @description The buyer's. */
                        user_id: components["schemas"]["Snowflake"] | null;
                        /** @description The item's when it was bought. */
                        name: string;
                        quantity: number;
                        total: components["schemas"]["Amount"];
                        balance: components["schemas"]["Amount"];
                    };
                };
            };
        };
    };
    listDeliveries: {
        parameters: {
            query?: {
                /** @description Only those in this state. */
                state?: "waiting" | "failed";
                /** @description How many entries a page has at most. */
                limit?: components["parameters"]["limit"];
                /** @description next_cursor of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Delivery"][];
                        next_cursor: components["schemas"]["NextCursor"];
                    };
                };
            };
        };
    };
    retryDelivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The delivery's id. */
                delivery: components["parameters"]["delivery"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It will be tried. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
type WithRequired<T, K extends keyof T> = T & {
    [P in K]-?: T[P];
};
