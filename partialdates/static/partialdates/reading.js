/* While a partial date is typed, shows how it is understood. Listens on the document, so that rows added later work too. */
(() => {
  "use strict";

  const PAUSE = 250; // milliseconds without typing before the server is asked
  const timers = new WeakMap();
  const requests = new WeakMap();

  const show = (box, reading) => {
    const output = box.querySelector("[data-reading]");
    const button = box.querySelector("[data-suggestion]");
    output.textContent = reading.text || reading.message;
    output.toggleAttribute("data-refused", !reading.valid);
    button.dataset.suggestion = reading.suggestion;
    button.textContent = `${button.dataset.label} ${reading.suggestion}`;
    button.hidden = !reading.suggestion;
  };

  const read = async (box, input) => {
    requests.get(box)?.abort();
    const request = new AbortController();
    requests.set(box, request);
    const url = new URL(box.dataset.readingUrl, document.baseURI);
    url.searchParams.set("text", input.value);
    try {
      const response = await fetch(url, { signal: request.signal, headers: { Accept: "application/json" } });
      if (response.ok) {
        show(box, await response.json());
      }
    } catch (error) {
      // Without an answer the form still works: saving tells what is wrong.
      if (error.name !== "AbortError" && !(error instanceof TypeError)) {
        throw error;
      }
    }
  };

  document.addEventListener("input", (event) => {
    const box = event.target.closest("[data-partial-date]");
    if (!box || !box.dataset.readingUrl) {
      return;
    }
    clearTimeout(timers.get(box));
    timers.set(box, setTimeout(() => read(box, event.target), PAUSE));
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-partial-date] [data-suggestion]");
    if (!button) {
      return;
    }
    const input = button.closest("[data-partial-date]").querySelector("input");
    input.value = button.dataset.suggestion;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
    input.focus();
  });
})();
