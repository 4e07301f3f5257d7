// The API's shapes by the names that screens use.
import type { components, operations } from './api-types';

type Schemas = components['schemas'];
type Json<O extends keyof operations, Status extends number> = operations[O] extends { responses: Record<Status, { content: { 'application/json': infer T } }> } ? T : never;

export type Account = Schemas['Account'];
export type Session = Schemas['Session'];
export type SignInMethods = Schemas['SignInMethods'];
export type Guild = Schemas['Guild'];
export type Actor = Schemas['Actor'];
export type Settings = Schemas['Settings'];
export type Channel = Json<'listChannels', 200>['data'][number];
export type DiscordRole = Json<'listRoles', 200>['data'][number];
export type Member = Schemas['Member'];
export type MemberFile = Schemas['MemberFile'];
export type AdjustmentList = Schemas['AdjustmentList'];
export type Transaction = Schemas['Transaction'];
export type Stats = Schemas['Stats'];
export type Books = Schemas['Books'];
export type Task = Schemas['Task'];
export type Submission = Schemas['Submission'];
export type Verdict = Schemas['Verdict'];
export type Reviewed = Json<'reviewSubmissions', 200>['data'][number];
export type Item = Schemas['Item'];
export type Purchase = Schemas['Purchase'];
export type Delivery = Schemas['Delivery'];
export type TrailEntry = Schemas['TrailEntry'];
export type AccountTrailEntry = Schemas['AccountTrailEntry'];

/** All terms of a task and an item, none left out. */
export type TaskTerms = Pick<Task, keyof Schemas['TaskTerms']>;
export type ItemTerms = Omit<Pick<Item, keyof Schemas['ItemTerms']>, 'stock'>;

export type Role = Account['role'];
