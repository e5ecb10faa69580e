// The live region: what a player who does not see the picture is told.

/** What is said within this time is said together, so that one thing does not hide the other. */
const TOGETHER_MS = 120;

/** Returns `announce(text)`; the same text again is read again. */
export function announcer(region) {
  let waiting = [];
  const say = () => {
    region.textContent = waiting.join(" ");
    waiting = [];
  };
  return (text) => {
    if (waiting.length === 0) {
      region.textContent = "";
      setTimeout(say, TOGETHER_MS);
    }
    if (!waiting.includes(text)) waiting.push(text);
  };
}
