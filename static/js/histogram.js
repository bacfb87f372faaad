/* Lets a stretch of time be chosen in the histogram of a list: by dragging over bars, or with the arrow keys and Shift.
   Enter or letting go shows it, Escape lets it be. Without this script each bar is a link to its own time. */
(() => {
  "use strict";

  let chosen = null; // the svg, and the numbers of the bars where a stretch begins and ends
  let drags = false;

  const chartOf = (node) => node?.closest?.("svg.bars");
  const barsOf = (svg) => [...svg.querySelectorAll("a")];
  const barOf = (node) => node?.closest?.("svg.bars a");

  const saidBy = (svg) => svg.closest("figure").querySelector(".histogram-said");

  const show = () => {
    const { svg, from, to } = chosen;
    const [low, high] = [Math.min(from, to), Math.max(from, to)];
    const bars = barsOf(svg);
    bars.forEach((bar, place) => {
      if (low !== high && place >= low && place <= high) {
        bar.dataset.chosen = "";
      } else {
        delete bar.dataset.chosen;
      }
    });
    saidBy(svg).textContent =
      low === high
        ? bars[low].getAttribute("aria-label")
        : svg.dataset.many.replace("%(first)s", bars[low].dataset.label).replace("%(last)s", bars[high].dataset.label);
  };

  const letGo = () => {
    if (chosen) {
      barsOf(chosen.svg).forEach((bar) => delete bar.dataset.chosen);
      saidBy(chosen.svg).textContent = "";
      chosen = null;
    }
    drags = false;
  };

  const apply = () => {
    const { svg, from, to } = chosen;
    const bars = barsOf(svg);
    const query = new URLSearchParams(svg.dataset.query);
    query.set("from", bars[Math.min(from, to)].dataset.from);
    query.set("to", bars[Math.max(from, to)].dataset.to);
    const address = `${svg.dataset.address}?${query}`;
    letGo();
    if (window.htmx && document.getElementById("list")) {
      const link = document.createElement("a");
      link.href = address;
      link.setAttribute("hx-boost", "true");
      svg.after(link);
      window.htmx.process(link);
      link.click();
      link.remove();
    } else {
      window.location.assign(address);
    }
  };

  const rove = (bar) => {
    for (const other of barsOf(chartOf(bar))) {
      other.setAttribute("tabindex", other === bar ? "0" : "-1");
    }
  };

  const begin = () => {
    for (const svg of document.querySelectorAll("svg.bars")) {
      const bars = barsOf(svg);
      const first = bars.find((bar) => bar.querySelector("[data-within=yes]")) || bars[0];
      if (first) {
        rove(first);
      }
    }
  };

  document.addEventListener("focusin", (event) => {
    const bar = barOf(event.target);
    if (bar) {
      rove(bar);
      const place = barsOf(chartOf(bar)).indexOf(bar);
      if (!chosen || chosen.svg !== chartOf(bar)) {
        chosen = { svg: chartOf(bar), from: place, to: place };
      }
      if (!drags) {
        show();
      }
    } else if (chosen && !drags) {
      letGo();
    }
  });

  document.addEventListener("keydown", (event) => {
    const bar = barOf(event.target);
    if (!bar) {
      return;
    }
    const svg = chartOf(bar);
    const bars = barsOf(svg);
    const at = bars.indexOf(bar);
    const steps = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: bars.length - 1 };
    if (event.key in steps && !event.ctrlKey && !event.altKey && !event.metaKey) {
      const next = Math.max(0, Math.min(bars.length - 1, steps[event.key]));
      const from = event.shiftKey && chosen ? chosen.from : next;
      chosen = { svg, from, to: next };
      event.preventDefault();
      bars[next].focus();
      show();
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      chosen ??= { svg, from: at, to: at };
      apply();
    } else if (event.key === "Escape" && chosen) {
      chosen = { svg, from: at, to: at };
      show();
    }
  });

  document.addEventListener("pointerdown", (event) => {
    const bar = barOf(event.target);
    if (bar && event.button === 0 && event.pointerType !== "touch") {
      const place = barsOf(chartOf(bar)).indexOf(bar);
      drags = true;
      chosen = { svg: chartOf(bar), from: place, to: place };
      show();
    }
  });
  document.addEventListener("pointermove", (event) => {
    if (drags && chosen) {
      const bar = barOf(document.elementFromPoint(event.clientX, event.clientY));
      if (bar && chartOf(bar) === chosen.svg) {
        chosen.to = barsOf(chosen.svg).indexOf(bar);
        show();
      }
    }
  });
  document.addEventListener("pointerup", () => {
    if (drags && chosen && chosen.from !== chosen.to) {
      apply();
    }
    drags = false;
  });
  document.addEventListener("pointercancel", letGo);
  // A link that is dragged would be carried away as an address.
  document.addEventListener("dragstart", (event) => {
    if (barOf(event.target)) {
      event.preventDefault();
    }
  });
  document.addEventListener("click", (event) => {
    const bar = barOf(event.target);
    if (bar && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      const place = barsOf(chartOf(bar)).indexOf(bar);
      chosen = { svg: chartOf(bar), from: place, to: place };
      apply();
    }
  });

  begin();
  document.addEventListener("htmx:afterSettle", begin);
  document.addEventListener("htmx:historyRestore", begin);
})();
