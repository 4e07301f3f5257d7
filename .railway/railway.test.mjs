// railway.ts and railway.toml say the same, and railway.ts has the variables of .env.railway.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createRailwayContext, project } from "railway/iac";
import { parse } from "smol-toml";
import program from "./out/railway.js";

const read = (name) => readFileSync(new URL(`../${name}`, import.meta.url), "utf8");
const { resources } = await program(createRailwayContext({ command: "plan", environment: "production" }), project);
const coffer = resources[0];

test("there is one service", () => {
  assert.deepEqual(resources.map((r) => [r.type, r.name]), [["service", "coffer"]]);
});

test("it is built and deployed as railway.toml says", () => {
  assert.deepEqual({ build: coffer.build, deploy: coffer.deploy }, parse(read("railway.toml")));
});

test("its variables are those of .env.railway", () => {
  const want = {};
  for (const line of read(".env.railway").split("\n")) {
    const [, name, value] = /^(\w+)="(.*)"$/.exec(line) ?? [];
    if (name === undefined) {
      assert.match(line, /^(#.*)?$/);
      continue;
    }
    const shared = /^\$\{\{shared\.(\w+)\}\}$/.exec(value);
    want[name] = shared ? { type: "sharedReference", name: shared[1] } : value;
  }
  const got = {};
  for (const [name, v] of Object.entries(coffer.variables)) got[name] = v.type === "literal" ? v.value : v;
  assert.deepEqual(got, want);
});
