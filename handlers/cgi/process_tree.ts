// Copyright 2026 the pystd authors. MIT license.

/**
 * Finds the processes that a script has started, to end them with the script.
 *
 * A process group would be simpler, but Deno forks to create one, and each start
 * would take six times as long. The processes of the system are listed only
 * when a script has to be terminated.
 *
 * @module
 */

/** Lists all processes, each line with a process and its parent (POSIX). */
const LIST = { program: "ps", args: ["-A", "-o", "pid=,ppid="] };

/**
 * Finds the current descendants of a process.
 *
 * @param pid The process.
 * @returns Their ids; none if `ps` cannot be run.
 */
export async function findDescendants(pid: number): Promise<number[]> {
  try {
    const { stdout } = await listing().output();
    return descendantsIn(new TextDecoder().decode(stdout), pid);
  } catch {
    return [];
  }
}

/**
 * Finds the descendants of processes synchronously, when this process ends.
 *
 * @param pids The processes.
 * @returns Their ids; none if `ps` cannot be run.
 */
export function findDescendantsSync(pids: readonly number[]): number[] {
  try {
    const table = new TextDecoder().decode(listing().outputSync().stdout);
    return pids.flatMap((pid) => descendantsIn(table, pid));
  } catch {
    return [];
  }
}

/**
 * Finds the descendants of a process in a list of processes.
 *
 * @param table The list, with a process and its parent in each line.
 * @param pid The process.
 * @returns Its children, their children and so on.
 */
export function descendantsIn(table: string, pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const line of table.split("\n")) {
    const [child, parent] = line.trim().split(/\s+/).map(Number);
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [child]);
    else siblings.push(child);
  }
  const found: number[] = [];
  const queue = [pid];
  for (const parent of queue) {
    const next = children.get(parent) ?? [];
    children.delete(parent);
    found.push(...next);
    queue.push(...next);
  }
  return found;
}

function listing(): Deno.Command {
  const { program, args } = LIST;
  return new Deno.Command(program, { args, stdin: "null", stderr: "null" });
}
