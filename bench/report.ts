// Copyright 2026 the pystd authors. MIT license.

/**
 * Tables of figures, for the terminal and for RESULTS.md.
 *
 * @module
 */

import { OWN_TARGETS, type Workload } from "./workloads.ts";

/** The figures of one row, by server: one for each measurement. */
export type Row = Map<string, number[]>;

/**
 * Returns the median of some figures.
 *
 * @param figures The figures.
 * @returns The median, `undefined` if there are none.
 */
export function median(figures: readonly number[] = []): number | undefined {
  if (figures.length === 0) return undefined;
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]
    : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Returns the median ratio of two servers over all rounds. Other activity on the
 * machine affects both servers of a round.
 *
 * @param figures The figures of the server, one for each round.
 * @param others The figures of the other server.
 * @returns The ratio; `undefined` if one of them was not measured.
 */
export function ratio(
  figures: readonly number[] = [],
  others: readonly number[] = [],
): number | undefined {
  const rounds = Math.min(figures.length, others.length);
  return median(
    figures.slice(0, rounds).map((figure, i) => figure / others[i]),
  );
}

/**
 * Formats a figure with its significant digits.
 *
 * @param figure The figure.
 * @returns Its text; a dash if there is none.
 */
export function shown(figure: number | undefined): string {
  if (figure === undefined || !Number.isFinite(figure)) return "-";
  if (figure >= 1000) return Math.round(figure).toLocaleString("en");
  if (figure >= 100) return figure.toFixed(0);
  return figure >= 10 ? figure.toFixed(1) : figure.toFixed(2);
}

/**
 * Formats a table in Markdown.
 *
 * @param head The headings.
 * @param rows The cells.
 * @returns The table's text.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = head.map((cell, i) =>
    Math.max(3, cell.length, ...rows.map((row) => row[i].length))
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |\n`;
  return line(head) + line(widths.map((width) => "-".repeat(width))) +
    rows.map(line).join("");
}

/**
 * Formats the table of medians.
 *
 * @param workloads The rows.
 * @param names The columns.
 * @param results The figures by the row's id.
 * @returns The table's text.
 */
export function mediansTable(
  workloads: readonly Workload[],
  names: readonly string[],
  results: ReadonlyMap<string, Row>,
): string {
  const rows = workloads.map(({ id, title, unit }) => [
    unit === undefined ? title : `${title} (${unit})`,
    ...names.map((name) => shown(median(results.get(id)?.get(name)))),
  ]);
  return table(["work", ...names], rows);
}

/**
 * Formats the table of ratios: ours to each of the others, and the targets.
 *
 * @param workloads The rows.
 * @param columns The servers of ours, one for each column.
 * @param results The figures by the row's id.
 * @param cpuRow Returns the row with the processor times of a row of rates.
 * @returns The table's text.
 */
export function ratiosTable(
  workloads: readonly Workload[],
  columns: readonly string[],
  results: ReadonlyMap<string, Row>,
  cpuRow: (id: string) => string,
): string {
  const rows: string[][] = [];
  for (const { id, title, unit, less, targets, limit } of workloads) {
    const row = results.get(id);
    if (row === undefined) continue;
    const verdict = (figure: number | undefined, wanted: number): string => {
      if (figure === undefined) return "-";
      const met = less ? figure <= wanted : figure >= wanted;
      return `${shown(figure)}${met ? "" : " missed"}`;
    };
    const bound = less ? "at most" : "at least";
    const cpu = results.get(cpuRow(id));
    for (const { peer, ratio: wanted, only } of targets) {
      rows.push([
        title,
        `${bound} ${wanted} x ${peer}`,
        ...columns.map((name) => {
          if (only?.includes(name) === false) return "";
          const byRate = verdict(ratio(row.get(name), row.get(peer)), wanted);
          const byCpu = ratio(cpu?.get(peer), cpu?.get(name));
          return byCpu === undefined
            ? byRate
            : `${byRate} (${verdict(byCpu, wanted)})`;
        }),
      ]);
    }
    if (limit !== undefined) {
      rows.push([
        title,
        `at most ${limit} ${unit}`,
        ...columns.map((name) => verdict(median(row.get(name)), limit)),
      ]);
    }
  }
  return table(["work", "target", ...columns], rows);
}

/**
 * Formats the table that compares our own modes.
 *
 * @param workloads The rows.
 * @param results The figures by the row's id.
 * @returns The table's text.
 */
export function ownTable(
  workloads: readonly Workload[],
  results: ReadonlyMap<string, Row>,
): string {
  const rows = workloads.filter(({ id }) => results.has(id)).map((
    { id, title },
  ) => [
    title,
    ...OWN_TARGETS.map(({ name, peer, ratio: wanted }) => {
      const row = results.get(id)!;
      const figure = ratio(row.get(name), row.get(peer));
      if (figure === undefined) return "-";
      return `${shown(figure)}${figure >= wanted ? "" : " missed"}`;
    }),
  ]);
  const heads = OWN_TARGETS.map(({ name, peer, ratio }) =>
    `${name}, at least ${ratio} x ${peer}`
  );
  return table(["work", ...heads], rows);
}

/**
 * Formats the table of a change: the figures before and after it.
 *
 * @param workloads The rows.
 * @param results The figures by the row's id.
 * @param cpuRow Returns the row with the processor times of a row of rates.
 * @returns The table's text.
 */
export function beforeTable(
  workloads: readonly Workload[],
  results: ReadonlyMap<string, Row>,
  cpuRow: (id: string) => string,
): string {
  const rows = workloads.filter(({ id }) => results.has(id)).map((
    { id, title, unit = "requests/s" },
  ) => {
    const row = results.get(id)!;
    const cpu = results.get(cpuRow(id));
    const figure = (of: number | undefined): string =>
      of === undefined ? "-" : of.toFixed(3);
    return [
      `${title} (${unit})`,
      shown(median(row.get("before"))),
      shown(median(row.get("ours"))),
      figure(ratio(row.get("ours"), row.get("before"))),
      figure(ratio(cpu?.get("ours"), cpu?.get("before"))),
    ];
  });
  const ratios = ["after / before", "the same of processor time"];
  return table(["work", "before", "after", ...ratios], rows);
}
