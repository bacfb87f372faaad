/* Who else is at the form: asked now and then, and said to the others while the page is open. */
(() => {
  "use strict";

  const ready = () => {
    const note = document.querySelector("[data-editing]");
    const token = document.querySelector("form[id$=_form] [name=csrfmiddlewaretoken]");
    if (!note || !token) {
      return;
    }
    let isGone = false;

    const words = (more = {}) => {
      const body = new FormData();
      body.set("csrfmiddlewaretoken", token.value);
      body.set("page", note.dataset.page);
      for (const [name, value] of Object.entries(more)) {
        body.set(name, value);
      }
      return body;
    };

    const show = (sentences) => {
      const shown = [...note.querySelectorAll("p")].map((one) => one.textContent);
      // Said once: a reader of the screen hears it again only when it is another.
      if (shown.join("\n") === sentences.join("\n")) {
        return;
      }
      note.replaceChildren(
        ...sentences.map((sentence) => {
          const paragraph = document.createElement("p");
          paragraph.textContent = sentence;
          return paragraph;
        }),
      );
    };

    const beat = async () => {
      try {
        const answer = await fetch(note.dataset.editing, { method: "POST", body: words(), redirect: "error" });
        if (answer.ok && !isGone) {
          show((await answer.json()).words);
        }
      } catch {
        // The network comes and goes; the next beat asks again.
      }
    };

    window.setInterval(() => isGone || beat(), Number(note.dataset.beat) * 1000);
    window.addEventListener("pagehide", () => {
      isGone = true;
      navigator.sendBeacon(note.dataset.editing, words({ leave: "1" }));
    });
    window.addEventListener("pageshow", () => {
      isGone = false;
      beat();
    });
  };

  document.addEventListener("DOMContentLoaded", ready);
})();
