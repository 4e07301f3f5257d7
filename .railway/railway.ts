// One service on Railway: the server. The successor of railway.toml, with the same
// values; a test compares them, and the variables with .env.railway. Preview what it
// would change with "railway config plan"; "railway config apply" asks before it does.
import { defineRailway, project, service } from "railway/iac";

export default defineRailway((ctx) => {
  const coffer = service("coffer", {
    build: {
      // Railpack finds Go in the root folder and builds it, without cgo, to ./out.
      builder: "RAILPACK",
      watchPatterns: ["**/*.go", "**/*.sql", "api/openapi/**", "interactions/locales/**", "go.mod", "go.sum", "web/**", "railway.toml"],
    },
    deploy: {
      // Before a new version starts; where it fails, the old one stays.
      preDeployCommand: ["/bin/sh -c './out migrate && ./out register'"],
      startCommand: "./out serve",
      healthcheckPath: "/api/health",
      healthcheckTimeout: 60,
      restartPolicyType: "ON_FAILURE",
      restartPolicyMaxRetries: 10,
      numReplicas: 1,
      // The old instance answers until the new one is known, then has time to finish
      // deferred replies; without this it is killed at once.
      overlapSeconds: 5,
      drainingSeconds: 15,
      // A start takes longer than the 3 seconds that Discord waits for an answer.
      sleepApplication: false,
    },
    // What each is for stands in .env.example.
    env: {
      // Shared variables of the project, where secrets belong. Of these, create what
      // you need: one that does not exist counts as not set.
      DISCORD_TOKEN: ctx.shared.DISCORD_TOKEN,
      DISCORD_CLIENT_ID: ctx.shared.DISCORD_CLIENT_ID,
      DISCORD_PUBLIC_KEY: ctx.shared.DISCORD_PUBLIC_KEY,
      SUPABASE_URL: ctx.shared.SUPABASE_URL,
      SUPABASE_KEY: ctx.shared.SUPABASE_KEY,
      SUPABASE_DB_URL: ctx.shared.SUPABASE_DB_URL,
      JWT_SECRET_KEY: ctx.shared.JWT_SECRET_KEY,
      ADMIN_USERNAME: ctx.shared.ADMIN_USERNAME,
      ADMIN_PASSWORD: ctx.shared.ADMIN_PASSWORD,
      DISCORD_CLIENT_SECRET: ctx.shared.DISCORD_CLIENT_SECRET,
      METRICS_TOKEN: ctx.shared.METRICS_TOKEN,
      PROXY_SECRET: ctx.shared.PROXY_SECRET,
      DASHBOARD_URL: ctx.shared.DASHBOARD_URL,
      CORS_ORIGINS: ctx.shared.CORS_ORIGINS,
      // The same for every deployment on Railway.
      PUBLIC_URL: "https://${{RAILWAY_PUBLIC_DOMAIN}}",
      COOKIE_SAMESITE: "strict",
      TRUSTED_PROXY: "100.64.0.0/10",
      PORT: "8080",
      STORE: "supabase",
      SQLITE_PATH: "/data/coffer.db",
      GATEWAY: "off",
      DISCORD_API_URL: "https://discord.com",
      LOG_LEVEL: "info",
      LOG_FORMAT: "json",
    },
    // With STORE "sqlite" the data is in one file: give the service a volume, too,
    // volumeMounts: { "/data": volume("coffer-data") }, and keep one replica.
  });
  return project("coffer", { resources: [coffer] });
});
