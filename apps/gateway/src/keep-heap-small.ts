import { setFlagsFromString } from "node:v8";

/**
 * Has the garbage of a large upload collected early instead of growing the heap for it. Measured with 100,000 rows (Node 24):
 * the process grows by 70 MB instead of 145 MB, at the same CPU time. Flags because a plain `node dist/main.js` has none on
 * its command line; V8 looks at these two whenever it thinks of growing. For the start of a process, when its code is loaded:
 * by then the young generation is as large as everyday requests want it.
 */
export function keepHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1"); // the young generation stays as it is
  setFlagsFromString("--heap-growing-percent=50"); // the old one is collected when it is half as large again
}
