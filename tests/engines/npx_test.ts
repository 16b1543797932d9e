// Copyright 2026 the pystd authors. MIT license.

/**
 * The command by `npx` on a machine with only Node: the packed file runs it on
 * Deno from npm. A registry on this machine takes the place of JSR, with a
 * program that says how it was called.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { ROOT, runProgram } from "../support/command.ts";
import { makeFiles, type TemporaryTree } from "../support/tree.ts";
import { Lab, NO_ENGINES, NODE_24, run } from "./lab.ts";

const why = NO_ENGINES === undefined ? "" : ` (${NO_ENGINES})`;

const COMMAND = `
const at = (name: "read" | "net" | "write", path?: string) =>
  Deno.permissions.querySync({ name, path } as Deno.PermissionDescriptor).state;
console.log(JSON.stringify([Deno.args, at("net"), at("read"), at("write", "w")]));
if (Deno.args.includes("--fail")) Deno.exit(7);
`;

/** Makes a folder of programs: Node and what npm needs, but no Deno. */
async function makePrograms(tree: TemporaryTree): Promise<string> {
  const programs = tree.path("programs");
  await Deno.mkdir(programs);
  await Deno.symlink(NODE_24, `${programs}/node`);
  for (const name of ["npm", "npx", "sh", "env"]) {
    const found = (await run(["which", name], ROOT)).trim();
    await Deno.symlink(await Deno.realPath(found), `${programs}/${name}`);
  }
  return programs;
}

Deno.test({
  name: `npx runs the command on Deno from npm${why}`,
  ignore: NO_ENGINES !== undefined,
  async fn(t): Promise<void> {
    await using lab = await Lab.create();
    const [packed] = [...Deno.readDirSync(lab.folder)]
      .filter(({ name }) => name.endsWith(".tgz"));
    const version = /\d+\.\d+\.\d+/.exec(packed!.name)![0];
    await using tree = await makeFiles({
      "registry/http-server/cli.ts": COMMAND,
      "registry/http-server/deno.json": JSON.stringify({
        name: "@pystd/http-server",
        version,
        exports: { "./cli": "./cli.ts" },
      }),
      "empty/share/a.txt": "alpha\n",
    });
    const file = `./${packed!.name}`;
    await Deno.copyFile(`${lab.folder}/${file}`, tree.path(`empty/${file}`));
    const programs = await makePrograms(tree);
    const npx = (...args: string[]): ReturnType<typeof runProgram> => {
      const command = [
        "env",
        `PATH=${programs}`,
        "npx",
        "--yes",
        file,
        ...args,
      ];
      const registry = [`${ROOT}/scripts/std_registry.ts`];
      registry.push(tree.path("registry"));
      return runProgram(
        Deno.execPath(),
        ["run", "-A", ...registry, ...command],
        tree.path("empty"),
      );
    };

    await t.step("with the permissions to read and to listen", async () => {
      const { code, stdout, stderr } = await npx("./share", "8080");
      assertEquals(code, 0, stderr);
      const wanted = [["./share", "8080"], "granted", "granted", "prompt"];
      assertEquals(JSON.parse(stdout), wanted);
    });
    await t.step(
      "with more of them, and the status of the command",
      async () => {
        const { code, stdout } = await npx("--allow-write=w", "--fail", "a b");
        assertEquals(code, 7);
        const wanted = [["--fail", "a b"], "granted", "granted", "granted"];
        assertEquals(JSON.parse(stdout), wanted);
      },
    );
    await t.step("without Deno, it says how", async () => {
      const bin = `${lab.folder}/node_modules/.bin/pystd-http-server`;
      await Deno.remove(`${programs}/npm`);
      const { code, stderr } = await runProgram(
        "env",
        ["-u", "npm_execpath", `PATH=${programs}`, bin, "share"],
      );
      assertEquals(code, 1);
      assertMatch(
        stderr,
        /^http-server: Cannot run Deno, .* deno run -NR jsr:/m,
      );
    });
  },
});
