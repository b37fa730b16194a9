export type { WorkerSettings } from "./env.ts";
export type { LaneEdges, LaneLog } from "./lane-edges.ts";
export { processLane } from "./process-lane.ts";
export { startWorker } from "./start-worker.ts";
