/*
 * Copyright: (c) 2026, csp.partner_center contributors
 * GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Draws the table of a report, and copies texts. What comes from outside becomes text nodes, never markup.
 */
(function () {
  "use strict";

  const data = JSON.parse(document.getElementById("data").textContent);
  const form = document.querySelector("form.filters");
  const said = document.getElementById("said");
  // So many rows are printed; of more, those that the table shows.
  const PRINTED = 1000;

  function say(text) {
    said.textContent = text;
  }

  // ---- Cells: what is shown, searched, sorted by and chosen from, by the kind of their column ----

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) {
      made.className = className;
    }
    if (text !== undefined) {
      made.textContent = text;
    }
    return made;
  }

  // A piece of text that keeps its own direction.
  function plain(text, className) {
    return element("bdi", className, text);
  }

  function together(...parts) {
    const made = element("div");
    made.append(...parts);
    return made;
  }

  // A long word that may be broken at its underscores.
  function breakable(text) {
    const made = element("bdi");
    text.split(/(?<=_)/).forEach((part, index) => made.append(index ? element("wbr") : "", part));
    return made;
  }

  function note(index, className = "") {
    const [label, tone, text] = data.notes[index];
    const made = element("details", "note tone-" + tone + className);
    made.append(element("summary", "", label), plain(text));
    return made;
  }

  const undone = (value) => (value === "yes" || value === "no" ? value : "until");
  const UNDONE = { yes: "yes", no: "no", until: "for a time" };

  const CELLS = {
    text: { show: (value) => plain(value) },
    setting: { show: breakable },
    day: { show: (value) => plain(value, "day"), choices: (value) => [value.slice(0, 7)] },
    subscription: {
      show: ([offer, id]) => together(plain(offer), element("span", "id", id)),
      words: (value) => value.join(" "),
    },
    change: {
      show: ([before, after]) =>
        together(plain(before, "before"), element("span", "arrow", " \u2192 "), plain(after, "after")),
      words: (value) => value.join(" \u2192 "),
      key: (value) => value[1],
    },
    undo: {
      show: ([value, why]) =>
        why === null
          ? element("span", "undo-" + undone(value), value)
          : note(why, " undo-" + undone(value)),
      words: ([value, why]) => (why === null ? value : value + " " + data.notes[why][2]),
      key: ([value]) => value,
      choices: ([value]) => [UNDONE[undone(value)]],
    },
    notes: {
      show: (value) => together(...value.map((index) => note(index))),
      words: (value) => value.map((index) => data.notes[index].join(" ")).join(" "),
      choices: (value) => value.map((index) => data.notes[index][0]),
    },
    number: { show: (value) => element("span", "", value === null ? "" : value.toLocaleString("en")), isNumber: true },
    state: { show: (value) => element("span", "state state-" + value.replace(/ /g, "-"), value) },
    end: {
      show: ([text, , tone]) => element("span", "end fill-" + tone, text),
      words: ([text, word]) => text + " " + word,
      choices: ([, word]) => [word],
    },
  };

  function words(kind, value) {
    return kind.words ? kind.words(value) : value === null ? "" : String(value);
  }

  function choices(kind, value) {
    return (kind.choices ? kind.choices(value) : [words(kind, value)]).filter((one) => one !== "");
  }

  // Numbers inside texts are sorted as numbers: 9 comes before 10.
  function key(kind, value) {
    if (kind.isNumber) {
      return value === null ? -1 : value;
    }
    const text = kind.key ? kind.key(value) : words(kind, value);
    return text.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(12, "0"));
  }

  function column(name) {
    const kind = CELLS[name];
    return {
      className: "kind-" + name + (kind.isNumber ? " number" : ""),
      type: kind.isNumber ? "num" : "string",
      render(value, type) {
        switch (type) {
          case "display":
            return kind.show(value);
          case "sort":
            return key(kind, value);
          case "filter":
            return DataTable.util.string.escapeHtml(words(kind, value));
          default:
            return words(kind, value);
        }
      },
    };
  }

  // ---- The table ----

  function draw() {
    const headings = [...document.querySelectorAll("#rows thead th")].map((one) => one.textContent);
    const table = new DataTable("#rows", {
      data: data.rows,
      columns: data.kinds.map(column),
      autoWidth: false,
      deferRender: true,
      order: [],
      orderMulti: false,
      pageLength: 50,
      lengthMenu: [25, 50, 100, 500],
      layout: { topStart: "search", topEnd: "info", bottomStart: "pageLength", bottomEnd: "paging" },
      language: {
        entries: { _: "rows", 1: "row" },
        info: "_START_ to _END_ of _TOTAL_ _ENTRIES-TOTAL_",
        infoEmpty: "no rows",
        infoFiltered: "(of _MAX_ in all)",
        lengthMenu: "_MENU_ rows a page",
        search: "Search all columns",
        zeroRecords: "No row fits the search and the filters.",
        aria: {
          orderable: ": sort",
          orderableReverse: ": sort the other way round",
          orderableRemove: ": no longer sort",
          paginate: { first: "First page", previous: "Previous page", next: "Next page", last: "Last page", number: "Page " },
        },
      },
      // On narrow screens rows are drawn as cards, for which their cells have to say what they are.
      createdRow(row) {
        row.setAttribute("role", "row");
        [...row.cells].forEach((cell, index) => {
          cell.setAttribute("role", "cell");
          cell.setAttribute("data-heading", headings[index]);
        });
      },
    });
    return table;
  }

  // A heading that sorts says that it is a button, and buttons answer to the space bar.
  function answerToSpace() {
    document.querySelector("#rows thead").addEventListener("keydown", (event) => {
      if (event.key === " " && event.target.getAttribute("role") === "button") {
        event.preventDefault();
        event.target.click();
      }
    });
  }

  // ---- Filters ----

  function offerChoices(table, select) {
    const index = Number(select.dataset.column);
    const kind = CELLS[data.kinds[index]];
    const counts = new Map();
    for (const row of data.rows) {
      for (const one of new Set(choices(kind, row[index]))) {
        counts.set(one, (counts.get(one) || 0) + 1);
      }
    }
    const sorted = [...counts.keys()].sort((one, other) => one.localeCompare(other, "en", { numeric: true }));
    for (const one of sorted) {
      select.add(new Option(one + " (" + counts.get(one).toLocaleString("en") + ")", one));
    }
    select.addEventListener("change", () => apply(table, select));
    // What never differs is no filter.
    select.parentElement.hidden = [...counts.values()].every((count) => count === data.rows.length);
  }

  function apply(table, select) {
    const index = Number(select.dataset.column);
    const kind = CELLS[data.kinds[index]];
    const wanted = select.value;
    const fits = (text, row) => choices(kind, row[index]).includes(wanted);
    table.search.fixed("filter " + index, wanted === "" ? null : fits);
    table.draw();
    markReset(table);
  }

  function filters() {
    return [...form.querySelectorAll("select[data-column]")];
  }

  function markReset(table) {
    form.querySelector("button[type=reset]").disabled = table.search() === "" && filters().every((one) => !one.value);
  }

  function showAll(table) {
    for (const select of filters()) {
      select.value = "";
      table.search.fixed("filter " + select.dataset.column, null);
    }
    table.search("").draw();
    markReset(table);
  }

  function offerSorting(table) {
    const select = document.getElementById("sorting");
    table.columns().every(function (index) {
      select.add(new Option(this.title().trim(), index));
    });
    select.addEventListener("change", () => {
      table.order(select.value === "" ? [] : [[Number(select.value), "asc"]]).draw();
    });
  }

  // A link from what needs a look to its rows.
  function followLinks(table) {
    for (const link of document.querySelectorAll("a[data-filter]")) {
      link.addEventListener("click", () => {
        const select = filters().find((one) => one.dataset.heading === link.dataset.filter);
        if (select) {
          showAll(table);
          select.value = link.dataset.value;
          apply(table, select);
        }
      });
    }
  }

  function offerFilters(table) {
    filters().forEach((select) => offerChoices(table, select));
    offerSorting(table);
    followLinks(table);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      showAll(table);
      say("All rows are shown.");
    });
    table.on("search", () => markReset(table));
    markReset(table);
    form.hidden = false;
  }

  // ---- Paper ----

  function preparePrinting(table) {
    const printed = document.querySelector(".printed");
    let length = 0;
    window.addEventListener("beforeprint", () => {
      const { recordsDisplay, recordsTotal } = table.page.info();
      const chosen = filters()
        .filter((one) => one.value)
        .map((one) => one.dataset.heading + ": " + one.value);
      const parts = table.search() ? ["search: " + table.search(), ...chosen] : chosen;
      length = table.page.len();
      if (recordsDisplay <= PRINTED) {
        table.page.len(-1).draw();
      }
      const shown = table.rows({ page: "current" }).count();
      printed.textContent =
        shown.toLocaleString("en") + " of " + recordsTotal.toLocaleString("en") + " rows" +
        (parts.length ? " (" + parts.join(", ") + ")" : "");
    });
    window.addEventListener("afterprint", () => {
      table.page.len(length).draw();
      printed.textContent = "";
    });
  }

  // ---- Copying ----

  async function copy(source) {
    try {
      await navigator.clipboard.writeText(source.textContent);
      return true;
    } catch {
      // Without the permission, or outside a secure context: select it, so that a key will do.
      const around = source.closest("details");
      if (around) {
        around.open = true;
      }
      const range = document.createRange();
      range.selectNodeContents(source);
      const selection = window.getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
      return document.execCommand("copy");
    }
  }

  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.addEventListener("click", async () => {
      const isCopied = await copy(document.getElementById(button.dataset.copy));
      say(isCopied ? "Copied." : "Selected: copy it with the keyboard.");
      button.classList.toggle("copied", isCopied);
    });
  }

  if (form) {
    document.querySelector(".without-script").hidden = true;
    const table = draw();
    answerToSpace();
    offerFilters(table);
    preparePrinting(table);
  }
})();
