import type { Cell, Column, Findings, Goal, Table } from "./benchmark.ts";
import type { StoredResult } from "./results.ts";

const INTRODUCTION = `# Benchmarks

What Patchlane costs and gains, as ratios against what people would use instead, or against a physical limit. Everything in one section was
measured in one run on one machine, Patchlane and its rivals taking turns round by round; a figure is the median of the rounds, with the
lowest and the highest in brackets. Rivals are configured as their own documentation recommends.

This page is written by \`pnpm bench\` (\`npx -y pnpm@12.21.0 bench\` on a machine that has only Node and npm), from the files in
[bench/results](../bench/results), which have every sample. \`pnpm bench <name>\` runs one section anew and leaves the others as they were. What was
found and changed by these numbers is told in [decision 15](decisions/0015-what-the-benchmarks-changed.md).
`;

/** The page of all results, in the given order. */
export function pageOf(results: readonly StoredResult[]): string {
  return [INTRODUCTION, goalsOf(results), ...results.map(sectionOf)].join("\n");
}

function goalsOf(results: readonly StoredResult[]): string {
  const goals = results.flatMap(({ name, title, findings }) =>
    findings.goals.map((goal) => ({ ...goal, section: `[${title}](#${anchorOf(title)})`, name })),
  );
  if (goals.length === 0) {
    return "";
  }
  const missed = goals.filter(({ isMet }) => !isMet);
  return [
    "## Goals\n",
    tableText(
      ["section", "goal", "measured", ""],
      goals.map(({ section, text, measured, isMet }) => [
        section,
        text,
        measured,
        isMet ? "met" : "**missed**",
      ]),
    ),
    ...missed.map(({ text, measured, why }: Goal) => {
      return `Missed: ${text}. Measured ${measured}. ${why ?? ""}`.trim().concat("\n");
    }),
  ].join("\n");
}

function sectionOf({ title, method, environment, seconds, findings }: StoredResult): string {
  const { versions } = environment;
  const software = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const facts = [
    environment.date.slice(0, 10),
    `${environment.cores} × ${environment.cpu}, ${environment.memoryGb} GB, Linux ${environment.kernel}`,
    `load before ${environment.loadBefore}`,
    `${findings.rounds} ${findings.rounds === 1 ? "round" : "rounds"}, ${Math.round(seconds)} s`,
    `commit ${environment.commit}`,
    software.join(", "),
  ];
  return [
    `## ${title}\n`,
    `${method.trim()}\n`,
    `_${facts.join("; ")}._\n`,
    ...findings.tables.map(tableOf),
  ].join("\n");
}

function tableOf({ title, note, columns, rows }: Table): string {
  const heads = columns.map(({ head }) => head);
  const body = rows.map((row) => row.map((cell, index) => cellText(cell, columns[index])));
  return [`### ${title}\n`, ...(note ? [`${note.trim()}\n`] : []), tableText(heads, body)].join(
    "\n",
  );
}

/** `3,513 (3,182–3,689)`, or the median alone where every round gave the same. */
export function cellText(cell: Cell, column: Column | undefined): string {
  const number = (value: number): string => formatted(value, column?.digits ?? 0);
  if (cell === null) {
    return "–";
  }
  if (typeof cell === "string") {
    return cell;
  }
  if (typeof cell === "number") {
    return number(cell);
  }
  const [median, least, most] = [cell.median, cell.least, cell.most].map(number);
  return least === most ? `${median}` : `${median} (${least}–${most})`;
}

function formatted(value: number, digits: number): string {
  return Number.isFinite(value)
    ? value.toLocaleString("en-US", {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      })
    : "–";
}

function tableText(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line), ""].join("\n");
}

function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w\s-]/g, "")
    .replaceAll(" ", "-");
}

/** The tables as a terminal shows them. */
export function terminalText({ tables, goals }: Findings): string {
  const shown = tables.map(tableOf);
  const aims = goals.map(
    ({ text, measured, isMet }) => `${isMet ? "met   " : "MISSED"}  ${text}: ${measured}`,
  );
  return [...shown, ...aims, ""].join("\n");
}
