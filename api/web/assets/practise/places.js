// The entry "Your session" of the navigation says how many answers it holds.
import { $ } from "../js/dom.js";
import { number } from "../js/messages.js";
import { attempts } from "./attempts.js";

export function countSession() {
  const count = attempts().length;
  const tag = $("#session-count");
  tag.textContent = number(count);
  tag.hidden = count === 0;
}

countSession();
