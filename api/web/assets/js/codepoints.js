// The service counts Unicode code points, JavaScript strings count UTF-16 units.

/** For a text: place[i] is where its i-th code point begins in UTF-16 units; one more entry for the end. */
export function places(text) {
  const found = [];
  let at = 0;
  for (const character of text) {
    found.push(at);
    at += character.length;
  }
  found.push(at);
  return found;
}

/** How many code points a text has. */
export function length(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
