// The search box offers records while somebody types: a combobox with a list (WAI-ARIA 1.2). Without it the form works.
"use strict";

for (const form of document.querySelectorAll("form[data-suggest]")) {
  const input = form.querySelector("input[type=search]");
  const list = document.createElement("ul");
  const status = document.createElement("p");
  const known = new Map();
  let request = null;
  let waiting = 0;
  let active = -1;

  list.id = `${input.id}-list`;
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.dataset.suggestLabel);
  list.hidden = true;
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  input.after(list, status);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");
  input.autocomplete = "off";

  const options = () => [...list.querySelectorAll("[role=option]")];

  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const choose = (place) => {
    const all = options();
    active = place < -1 ? all.length - 1 : place >= all.length ? -1 : place;
    all.forEach((option, at) => option.setAttribute("aria-selected", String(at === active)));
    if (active < 0) {
      input.removeAttribute("aria-activedescendant");
    } else {
      input.setAttribute("aria-activedescendant", all[active].id);
      all[active].scrollIntoView({ block: "nearest" });
    }
  };

  const piece = (className, text, language) => {
    const span = document.createElement("span");
    span.className = className;
    span.textContent = text;
    if (language) {
      span.lang = language;
      span.dir = "auto";
    }
    return span;
  };

  const show = (found) => {
    const groups = new Map();
    for (const one of found) {
      groups.set(one.group, [...(groups.get(one.group) || []), one]);
    }
    const rows = [];
    for (const [name, members] of groups) {
      const head = document.createElement("li");
      head.className = "suggestions-group";
      head.setAttribute("role", "presentation");
      head.textContent = name;
      rows.push(head);
      for (const one of members) {
        const option = document.createElement("li");
        option.id = `${list.id}-${rows.length}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.url = one.url;
        option.append(piece("suggestion-name", one.name));
        if (one.also) {
          option.append(" ", piece("suggestion-also", one.also, one.also_language));
        }
        if (one.about) {
          option.append(" ", piece("suggestion-about", one.about));
        }
        rows.push(option);
      }
    }
    list.replaceChildren(...rows);
    choose(-1);
    status.textContent = found.length ? form.dataset.suggestCount.replace("%d", found.length) : "";
    list.hidden = !found.length || document.activeElement !== input;
    input.setAttribute("aria-expanded", String(!list.hidden));
  };

  const ask = async () => {
    const typed = input.value.trim();
    request?.abort();
    request = null;
    if (!typed) {
      close();
      return;
    }
    if (known.has(typed)) {
      show(known.get(typed));
      return;
    }
    const mine = new AbortController();
    request = mine;
    try {
      const answer = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(typed)}`, { signal: mine.signal });
      if (!answer.ok) {
        throw new Error(answer.statusText);
      }
      const { suggestions } = await answer.json();
      known.set(typed, suggestions);
      // An older answer never replaces a newer one.
      if (request === mine) {
        show(suggestions);
      }
    } catch (failure) {
      if (failure.name !== "AbortError" && request === mine) {
        close();
      }
    }
  };

  input.addEventListener("input", (event) => {
    // While signs are composed (pinyin, kana) nothing is typed yet.
    if (!event.isComposing) {
      clearTimeout(waiting);
      waiting = setTimeout(ask, 60);
    }
  });
  input.addEventListener("compositionend", ask);

  input.addEventListener("keydown", (event) => {
    if (event.isComposing) {
      return;
    }
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      request?.abort();
      clearTimeout(waiting);
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) {
        ask();
      } else {
        choose(event.key === "ArrowDown" ? active + 1 : active - 1);
      }
    } else if (event.key === "Enter" && !list.hidden && active >= 0) {
      event.preventDefault();
      location.assign(options()[active].dataset.url);
    } else if (event.key === "Tab") {
      close();
    }
  });

  input.addEventListener("blur", () => {
    request?.abort();
    clearTimeout(waiting);
    close();
  });
  // The box keeps the focus while an offer is pressed, else the list would close under the finger.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) {
      location.assign(option.dataset.url);
    }
  });
}
