/* What a list needs when its parts are exchanged in place: what was open stays open, the focus stays where it was, what
   changed is said aloud, and a fault is shown. Without this script every change is a page of its own. */
(() => {
  "use strict";

  const list = () => document.getElementById("list");
  const toggled = new Map(); // what the reader opened or closed, by name

  const nameOf = (details) => details.dataset.facet || (details.matches(".filters-more") ? "more" : "");

  // On a narrow screen the facets stand above the list: only those in force are open.
  const isNarrow = window.matchMedia("(width < 60rem)");
  const arrange = () => {
    for (const details of list()?.querySelectorAll("details") || []) {
      const name = nameOf(details);
      if (toggled.has(name)) {
        details.open = toggled.get(name);
      } else if (isNarrow.matches && details.dataset.facet && !details.querySelector("[aria-current]")) {
        details.open = false;
      }
    }
  };
  arrange();

  document.addEventListener(
    "click",
    (event) => {
      const details = event.target.closest && event.target.closest("summary")?.parentElement;
      if (details && nameOf(details)) {
        toggled.set(nameOf(details), !details.open);
      }
    },
    true,
  );

  // A menu closes when the focus leaves it, and with Escape.
  document.addEventListener("focusout", (event) => {
    const menu = event.target.closest("details.menu");
    if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) {
      menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  const isOfList = (event) => event.detail.target?.id === "list";

  const say = (text) => {
    document.getElementById("list-said").textContent = text;
  };

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (isOfList(event)) {
      document.getElementById("list-fault").hidden = true;
      list().setAttribute("aria-busy", "true");
    }
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (isOfList(event)) {
      arrange();
    }
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target?.id !== "list" && event.detail.elt?.id !== "list") {
      return;
    }
    const results = document.getElementById("results");
    // What had the focus may be gone: a chip that was removed.
    if (document.activeElement === document.body) {
      results.focus({ preventScroll: true });
    }
    const chips = [...list().querySelectorAll(".chip-words")].map((chip) => chip.textContent.trim().replace(/\s+/g, " "));
    say([results.textContent.trim().replace(/\s+/g, " "), ...chips].join(". "));
  });

  const fail = (event) => {
    if (isOfList(event)) {
      list().removeAttribute("aria-busy");
      const fault = document.getElementById("list-fault");
      const way = document.createElement("a");
      way.href = event.detail.pathInfo?.finalRequestPath || window.location.href;
      way.textContent = fault.dataset.way;
      // Told in the element that is watched, and kept out of it before: a browser of text shows what is hidden.
      fault.hidden = false;
      fault.replaceChildren(`${fault.dataset.said} `, way);
    }
  };
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout", "htmx:swapError"]) {
    document.addEventListener(name, fail);
  }
  document.addEventListener("htmx:sendAbort", () => list()?.removeAttribute("aria-busy"));
})();
