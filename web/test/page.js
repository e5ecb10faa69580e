// The scenario in a page: draws, and hands the pictures and the figures to the server.
import { draw, mishaps } from "./scenario.js";

const problems = [];
const longTasks = [];
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) longTasks.push(duration);
}).observe({ type: "longtask", buffered: false });
document.addEventListener("securitypolicyviolation", (event) =>
  problems.push(`policy: ${event.violatedDirective} ${event.blockedURI}`),
);
addEventListener("error", (event) => problems.push(event.message));

async function get(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response;
}

const world = async () => [
  await (await get("world.ron")).text(),
  await (await get("world.safetensors")).arrayBuffer(),
];

try {
  const { actions, seed } = await (await get("job.json")).json();
  const spawn = () => new Worker("../worker/worker.js", { type: "module" });
  const { pictures, ...figures } = await draw({ spawn, world, actions, seed });
  const long_tasks = longTasks.slice();
  const checked = await mishaps({ spawn, world, seed, steps: actions });
  await fetch("pictures", { method: "POST", body: new Blob(pictures) });
  const outcome = { ...figures, checked, long_tasks, problems, where: navigator.userAgent };
  await fetch("outcome", { method: "POST", body: JSON.stringify(outcome) });
} catch (error) {
  await fetch("outcome", { method: "POST", body: JSON.stringify({ error: String(error), problems }) });
}
