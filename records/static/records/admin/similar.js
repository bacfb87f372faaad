/* While a new record is typed, shows the records that are like it, so that nothing is coded twice. */
(() => {
  "use strict";

  const PAUSE = 400; // milliseconds without typing before the server is asked

  const show = (box, { results, words }) => {
    const list = box.querySelector("ul");
    const items = results.map((one) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = one.url;
      link.target = "_blank";
      link.rel = "noopener";
      link.textContent = one.text;
      item.append(link);
      for (const text of [one.detail, one.mark]) {
        if (text) {
          const span = document.createElement("span");
          span.className = "quiet";
          span.textContent = ` ${text}`;
          item.append(span);
        }
      }
      return item;
    });
    list.replaceChildren(...items);
    box.querySelector("[data-words]").textContent = words;
    box.hidden = results.length === 0;
  };

  const ready = () => {
    const box = document.querySelector("[data-similar]");
    const form = box?.closest("form");
    if (!form) {
      return;
    }
    const pattern = new RegExp(`^(?:${box.dataset.fields})$`);
    let timer;
    let request;

    const values = () => {
      const url = new URL(box.dataset.similar, document.baseURI);
      for (const [name, value] of new FormData(form)) {
        if (pattern.test(name) && !name.includes("__prefix__") && typeof value === "string" && value.trim()) {
          url.searchParams.append(name.replace(/-\d+-/, "-"), value.slice(0, 500));
        }
      }
      return url;
    };

    const ask = async () => {
      request?.abort();
      request = new AbortController();
      try {
        const response = await fetch(values(), { signal: request.signal, headers: { Accept: "application/json" } });
        if (response.ok) {
          show(box, await response.json());
        }
      } catch (error) {
        // Without an answer the form still works.
        if (error.name !== "AbortError" && !(error instanceof TypeError)) {
          throw error;
        }
      }
    };

    for (const name of ["input", "change"]) {
      form.addEventListener(name, (event) => {
        if (pattern.test(event.target.name ?? "")) {
          clearTimeout(timer);
          timer = setTimeout(ask, PAUSE);
        }
      });
    }
  };

  document.addEventListener("DOMContentLoaded", ready);
})();
