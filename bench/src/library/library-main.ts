import { contenderOf } from "./contender.ts";
import { limitTasks } from "./limit.ts";
import { measureTasks } from "./measure.ts";
import { LIMIT } from "./measure-libraries.ts";
import { tasksOf } from "./tasks.ts";

/** `library-main <library> <milliseconds of a sample>`: one library's tasks in a process of its own; prints `Measured`. */
const [name = "", sampleMs = "100"] = process.argv.slice(2);
const tasks = name === LIMIT ? limitTasks() : tasksOf(await contenderOf(name));
console.log(JSON.stringify(measureTasks(tasks, Number(sampleMs))));
