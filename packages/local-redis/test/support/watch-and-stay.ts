/** A program that starts a watched command, says its id, and stays. Its argument is the task. */
import { startWatchedProcess } from "../../src/watched-process.ts";

const watched = await startWatchedProcess(JSON.parse(process.argv[2] ?? ""));
console.log(JSON.stringify({ pid: watched.pid }));
