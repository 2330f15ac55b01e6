// What the browser keeps: one key a thing, so that two tabs never overwrite each other's lists.
const PREFIX = "grader.";

/** What is kept under a name; null where nothing (readable) is. */
export function read(name) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name));
  } catch {
    return null;
  }
}

/** Keep a value; undefined or null removes it. False when the browser refuses, for want of space or by setting. */
export function write(name, value) {
  try {
    if (value === undefined || value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** The names that begin so. */
export function names(start) {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(PREFIX + start))
      .map((key) => key.slice(PREFIX.length));
  } catch {
    return [];
  }
}

/** Call back when another tab changes something under a name that begins so. */
export function watch(start, changed) {
  addEventListener("storage", ({ key }) => {
    if (key === null || key.startsWith(PREFIX + start)) changed(key === null ? null : key.slice(PREFIX.length));
  });
}
