import { Redis } from "ioredis";

/**
 * A connection whose commands of one turn of the event loop leave in one write: with many callers at a time a write costs
 * more than making the command. Each command is still its own, with its own time-out and its own failure, and is refused at once
 * when Redis is away; ioredis' auto-pipelining gives up the time-outs.
 */
export class RedisWritingTogether extends Redis {
  #isGathering = false;

  override sendCommand(...given: Parameters<Redis["sendCommand"]>): unknown {
    if (!this.#isGathering && this.status === "ready") {
      this.#gather(this.stream);
    }
    return super.sendCommand(...given);
  }

  #gather(stream: Redis["stream"]): void {
    this.#isGathering = true;
    stream.cork();
    setImmediate(() => {
      this.#isGathering = false;
      stream.uncork();
    });
  }
}
