// @ts-check
"use strict";

/**
 * The live forms of a page: what is typed or pressed goes to the course's own Python, in a worker,
 * and the HTML that it makes goes into the form's [data-part]s. No rule of the course is here.
 * [data-entry] is hidden until this script answers; a form with data-now is answered at each key.
 *
 * @typedef {Record<string, string>} Fields
 * @typedef {{form: number, parts?: Record<string, string>, why?: string}} Answer
 * parts: what is made anew, as HTML; without, the form is answered; why: what failed, "" for nothing
 */
(() => {
  const root = new URL("..", /** @type {HTMLScriptElement} */ (document.currentScript).src);
  if (!location.protocol.startsWith("http") || !("DecompressionStream" in window)) return;

  const forms = [...document.querySelectorAll("form")].filter((form) => form.dataset.live);
  /** @type {Map<number, Fields | true>} the newest fields that wait; true: it is being answered */
  const asked = new Map();
  let ready = false;
  let playing = 0;
  /** @type {Worker | undefined} */
  let worker;

  function start() {
    if (worker) return;
    worker = new Worker(new URL("live/worker.js", root), { type: "module" });
    worker.onmessage = ({ data }) => take(data);
    worker.onerror = ({ message }) => {
      for (const form of [...asked.keys()]) take({ form, why: message || "no worker" });
      worker = undefined; // the next answer tries again
    };
    navigator.serviceWorker?.ready.then((found) => found.active?.postMessage("keep all"));
  }

  /** @param {number} number @param {string} name @param {string} html */
  function show(number, name, html) {
    const part = forms[number].querySelector(`[data-part="${name}"]`);
    if (!(part instanceof HTMLElement)) return;
    const focused = part.contains(document.activeElement);
    part.innerHTML = html;
    if (focused) part.focus(); // what had the focus is gone
  }

  /** @param {Answer} answer */
  function take({ form, parts, why }) {
    for (const [name, html] of Object.entries(parts ?? {})) show(form, name, html);
    if (parts) return;
    ready ||= !why;
    const next = asked.get(form);
    asked.delete(form);
    if (why && !ready) worker = void worker?.terminate(); // the next answer tries again
    show(form, "waiting", why ? "Python did not answer: is there a network? Try again." : "");
    if (next && next !== true) send(form, next);
  }

  /** @param {number} form @param {Fields} fields */
  function send(form, fields) {
    start();
    const waits = asked.has(form);
    asked.set(form, waits ? fields : true);
    if (waits) return;
    if (!ready) show(form, "waiting", "Python is starting in your browser: some seconds.");
    worker?.postMessage({ form, key: forms[form].dataset.live, fields });
  }

  /** @param {HTMLFormElement} form @param {string} by @returns {Fields} */
  function fieldsOf(form, by) {
    const typed = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
    return { ...Object.fromEntries(typed), by, to: new URL("notebooks/", root).pathname };
  }

  /** Move a slider on to its end; pressed again, stop. @param {HTMLInputElement} slider */
  function play(slider) {
    const stops = Boolean(playing);
    clearInterval(playing);
    playing = 0;
    if (stops) return;
    if (slider.value === slider.max) slider.value = slider.min;
    playing = setInterval(() => {
      if (!slider.isConnected || slider.value === slider.max) return play(slider);
      slider.stepUp();
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    }, 900);
  }

  forms.forEach((form, number) => {
    form.querySelector("[data-entry]")?.removeAttribute("hidden");
    show(number, "waiting", "");
    form.addEventListener("focusin", start);
    form.addEventListener("pointerdown", start);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const pressed = /** @type {HTMLButtonElement | null} */ (event.submitter);
      const { name = "", value = "", dataset } = pressed ?? {};
      const field = form.elements.namedItem(dataset?.types ?? "");
      if (field instanceof HTMLInputElement) field.value = value;
      const fields = fieldsOf(form, name || "answer");
      send(number, name ? { ...fields, [name]: value } : fields);
    });
    form.addEventListener("input", ({ target }) => {
      const { name, type } = /** @type {HTMLInputElement} */ (target);
      if ("now" in form.dataset || type === "range") send(number, fieldsOf(form, name));
    });
    form.addEventListener("reset", () => setTimeout(() => send(number, fieldsOf(form, "reset"))));
    form.addEventListener("click", ({ target }) => {
      if (target instanceof HTMLElement && target.dataset.plays)
        play(/** @type {HTMLInputElement} */ (form.elements.namedItem(target.dataset.plays)));
    });
  });
  navigator.serviceWorker?.register(new URL("keep.js", root)).catch(() => {});
})();
