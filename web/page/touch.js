// Controls on the screen, for one without keyboard and mouse: a stick, a place to drag, buttons.
import { $ } from "./dom.js";
import { directions, knob, turn } from "./stick.js";

export function touch({ game, canvas, settings }) {
  const state = { stick: {}, look: [0, 0], turned: {}, acts: {}, pulses: new Set(), actions: [] };
  let sent = "{}";

  shown($("touch"), canvas);

  game.on("ready", ({ value }) => {
    state.actions = value.actions;
    const names = new Set(value.actions.map(({ name }) => name));
    for (const button of acts()) button.hidden = !names.has(button.dataset.act);
  });
  // The drag since the last frame of the world belongs to the next one.
  game.on("frame", ({ value }) => {
    const [x, y] = state.look;
    state.look = [0, 0];
    for (const act of state.pulses) {
      if (value.action[state.actions.findIndex(({ name }) => name === act)]) state.pulses.delete(act);
    }
    state.turned = turn(x, y, settings.values.sensitivity, state.actions);
    send();
  });

  stick($("stick"), $("knob"), (held) => {
    state.stick = held;
    send();
  });
  for (const place of [$("look"), canvas]) {
    drag(place, (x, y) => {
      state.look[0] += x;
      state.look[1] += y;
    });
  }
  // They lie over the picture, which is what a hint says to tap.
  for (const kind of ["pointerdown", "click"]) {
    $("touch").addEventListener(kind, () => game.state === "paused" && game.command("resume"));
  }
  for (const button of acts()) {
    const { act } = button.dataset;
    press(button, (down) => hold(act, down));
    // By a key or a screen reader, which tell of no release.
    button.addEventListener("click", ({ detail }) => {
      if (detail > 0) return;
      hold(act, true);
      hold(act, false);
    });
  }

  /** However short it is: an act is let go of when a frame has had it. */
  function hold(act, down) {
    if (down) state.pulses.add(act);
    state.acts[act] = down ? 1 : 0;
    send();
  }

  /** All that is held: what is not named is released. */
  function send() {
    const pulses = Object.fromEntries([...state.pulses].map((act) => [act, 1]));
    const held = { ...state.stick, ...state.acts, ...pulses, ...state.turned };
    const names = new Set(state.actions.map(({ name }) => name));
    const kept = Object.entries(held).filter(([name, value]) => value !== 0 && names.has(name));
    const hold = Object.fromEntries(kept);
    const text = JSON.stringify(hold);
    if (text === sent) return;
    sent = text;
    game.command({ hold });
  }
}

/** The controls are there for whoever has no mouse, and for a finger until a mouse is moved again. */
function shown(controls, canvas) {
  const show = (is) => (controls.hidden = !is);
  const coarse = matchMedia("(pointer: coarse)");
  show(coarse.matches);
  coarse.addEventListener("change", () => coarse.matches && show(true));
  canvas.addEventListener("pointerdown", ({ pointerType }) => pointerType === "touch" && show(true));
  // Where there is no mouse, what calls itself one is something that acts for a finger.
  const fine = matchMedia("(any-pointer: fine)");
  for (const kind of ["pointermove", "pointerdown"]) {
    // Before the controls: a click is then one on the picture beneath.
    const hide = ({ pointerType }) => pointerType === "mouse" && fine.matches && show(false);
    addEventListener(kind, hide, { capture: true });
  }
}

const acts = () => [...$("acts").querySelectorAll("button")];

function stick(place, thumb, changed) {
  let origin = null;
  const radius = () => place.firstElementChild.clientWidth / 2;
  const move = ({ x, y }) => {
    const offset = [x - origin.x, y - origin.y];
    const [left, top] = knob(...offset, radius());
    thumb.style.transform = `translate(${left}px, ${top}px)`;
    changed(directions(...offset, radius()));
  };
  follow(place, {
    down(event) {
      const ring = place.firstElementChild.getBoundingClientRect();
      origin = { x: ring.left + ring.width / 2, y: ring.top + ring.height / 2 };
      move(event);
    },
    move,
    up() {
      thumb.style.transform = "";
      changed({});
    },
  });
}

function drag(place, moved) {
  let last = null;
  follow(place, {
    down: ({ x, y }) => (last = { x, y }),
    move({ x, y }) {
      moved(x - last.x, y - last.y);
      last = { x, y };
    },
    up() {},
  });
}

function press(button, changed) {
  follow(button, {
    down() {
      button.classList.add("down");
      changed(true);
    },
    move() {},
    up() {
      button.classList.remove("down");
      changed(false);
    },
  });
}

/** Follows the first finger on an element until it leaves; each element has its own. */
function follow(place, { down, move, up }) {
  let id = null;
  place.addEventListener("pointerdown", (event) => {
    if (id !== null || (event.pointerType === "mouse" && place.tagName === "CANVAS")) return;
    id = event.pointerId;
    place.setPointerCapture(id);
    if (place.tagName !== "CANVAS") event.preventDefault();
    down(event);
  });
  place.addEventListener("pointermove", (event) => event.pointerId === id && move(event));
  for (const kind of ["pointerup", "pointercancel", "lostpointercapture"]) {
    place.addEventListener(kind, (event) => {
      if (event.pointerId !== id) return;
      id = null;
      up(event);
    });
  }
}
