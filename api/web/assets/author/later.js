// What waits for a pause in somebody's typing.

/** Call the last of many calls after a pause; what an earlier one still waits for is given up. `now` doesn't wait. */
export function settled(pause, run) {
  let timer = 0;
  let running = new AbortController();
  const stop = () => {
    clearTimeout(timer);
    running.abort();
  };
  const now = () => {
    stop();
    running = new AbortController();
    return run(running.signal);
  };
  const later = () => {
    stop();
    timer = setTimeout(now, pause);
  };
  return Object.assign(later, { now, stop });
}
