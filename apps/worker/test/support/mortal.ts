import type { BulkEdges } from "../../src/bulk/bulk-edges.ts";
import { BulkRunner } from "../../src/bulk/bulk-runner.ts";
import type { Rig } from "./rig.ts";

/** What the runner of a rig's own worker works with. */
export function bulkEdges({ edges, worker }: Pick<Rig, "edges" | "worker">): BulkEdges {
  return { ...edges, work: worker.bulk, survey: worker.survey, budget: worker.budget };
}

/** A runner that is killed, as by -9, the moment before or after a certain call. */
export interface MortalRunner {
  /** Resolves when it is dead: nothing it began goes on, and it answers nobody. */
  readonly dead: Promise<void>;
}

/** Where to die: at the nth call of a method, before it reaches Redis or after. */
export interface Death {
  readonly method: string;
  readonly nth: number;
  readonly when: "before" | "after";
}

/** Starts a runner that dies; the lead it had lapses at once. */
export function startMortal(rig: Pick<Rig, "edges" | "worker">, death: Death): MortalRunner {
  const edges = bulkEdges(rig);
  const never = new Promise<never>(() => {});
  let isDead = false;
  let seen = 0;
  let die = (): void => {};
  const dead = new Promise<void>((resolve) => {
    die = () => {
      isDead = true;
      resolve(edges.work.resign());
    };
  });
  const mortal = <T extends object>(part: T): T =>
    new Proxy(part, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") {
          return member;
        }
        return async (...args: unknown[]) => {
          if (isDead) {
            return never;
          }
          const isLast = name === death.method && ++seen === death.nth;
          if (isLast && death.when === "before") {
            die();
            return never;
          }
          const answer: unknown = await member.apply(target, args);
          if (isLast) {
            die();
          }
          return isDead ? never : answer;
        };
      },
    });
  const runner = new BulkRunner(
    {
      ...edges,
      work: mortal(edges.work),
      known: mortal(edges.known),
      survey: mortal(edges.survey),
    },
    () => {},
  );
  runner.start();
  runner.resume();
  return { dead };
}
