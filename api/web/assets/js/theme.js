// Runs before the first paint, so that a chosen theme doesn't flash. The button is in shell.js.
try {
  const theme = localStorage.getItem("grader.theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // no storage, no choice: the system's theme
}
