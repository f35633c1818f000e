// The editor on /sparql: Yasqe (static/vendored.yaml) in the place of the text field, and the answer below it.
// The form stays what it is: without this script, or for a file, it is sent as it stands.
"use strict";

(() => {
  const box = document.getElementById("editor");
  const form = box.closest("form"), field = document.getElementById("query"), format = document.getElementById("format");
  const words = JSON.parse(box.dataset.words), places = JSON.parse(box.dataset.places);
  const endpoint = form.getAttribute("action"), most = 5000, longest = 6000;
  const answer_box = document.getElementById("editor-answer"), status = document.getElementById("answer-status");
  const tabs = answer_box.querySelector("[role=tablist]"), panel = answer_box.querySelector("[role=tabpanel]");
  const wrong = document.getElementById("wrong"), stop = document.getElementById("stop");
  const { element } = SparqlAnswer;

  // ---- What completes a query: the prefixes of the project; classes and properties from the VoID of this release ----
  const TERMS = `PREFIX void: <http://rdfs.org/ns/void#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?class ?property ?entities ?triples ?classLabel ?propertyLabel WHERE {
  ?part void:class ?class ; void:entities ?entities ; void:propertyPartition ?of .
  ?of void:property ?property ; void:triples ?triples .
  OPTIONAL { ?class rdfs:label ?classLabel FILTER(LANG(?classLabel) = "${places.language}") }
  OPTIONAL { ?property rdfs:label ?propertyLabel FILTER(LANG(?propertyLabel) = "${places.language}") }
}`;
  const classes = new Map(), properties = new Map();

  async function load() {
    const response = await fetch(`${endpoint}?format=tsv&query=${encodeURIComponent(TERMS)}`);
    if (!response.ok) return;
    for (const row of (await SparqlAnswer.read(response, 50000)).rows) {
      const [class_, property, entities, triples, class_label, property_label] = row.map((one) => one && one.value);
      classes.set(class_, { label: class_label, count: Number(entities) });
      const known = properties.get(property) || { label: property_label, count: 0, classes: new Set() };
      known.count += Number(triples);
      known.classes.add(class_);
      properties.set(property, known);
    }
  }

  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  function prefixed(iri) {
    const fitting = Object.entries(places.prefixes).filter(([, namespace]) => iri.startsWith(namespace));
    if (!fitting.length) return null;
    const [name, namespace] = fitting.reduce((one, other) => (other[1].length > one[1].length ? other : one));
    const local = iri.slice(namespace.length);
    return /^[A-Za-z0-9_-]*$/.test(local) ? { name, namespace, text: `${name}:${local}` } : null;
  }

  /** The terms of a kind that what was typed is the beginning of, as an IRI, a prefixed name or words of a label. */
  function suggested(terms, token, first) {
    const typed = plain(token.string.replace(/[<>]/g, "")), iri = token.autocompletionString || token.string;
    const fits = ([name, one]) => {
      const short = prefixed(name);
      if (short && short.text === token.string) return false;
      return name.startsWith(iri) || (short && plain(short.text).includes(typed)) || (one.label && plain(one.label).includes(typed));
    };
    const found = [...terms].filter(fits);
    found.sort(([, one], [, other]) => (first(other) - first(one)) || other.count - one.count);
    return found.slice(0, 50).map(([name]) => name);
  }

  function shown(terms, yasqe, hints) {
    for (const hint of hints) {
      const iri = hint.text.replace(/^<|>$/g, ""), short = prefixed(iri), one = terms.get(iri) || {};
      hint.text = short ? short.text : `<${iri}>`;
      hint.render = (line) => {
        const count = words.times.replace("{count}", (one.count || 0).toLocaleString(places.language));
        line.append(hint.text, element("span", { class: "said" }, [one.label, count].filter(Boolean).join(" · ")));
      };
      hint.hint = (editor, found, picked) => {
        editor.replaceRange(picked.text, picked.from || found.from, picked.to || found.to);
        if (short && !(short.name in editor.getPrefixesFromQuery())) editor.addPrefixes({ [short.name]: short.namespace });
      };
    }
    return hints;
  }

  /** The classes that the query names: their properties come first. */
  function named(yasqe) {
    const text = yasqe.getValue();
    return new Set([...classes.keys()].filter((iri) => text.includes(`<${iri}>`) || (prefixed(iri) && text.includes(prefixed(iri).text))));
  }

  function complete() {
    const own = { autoShow: true, bulk: false, postProcessSuggestion: (_yasqe, _token, iri) => iri };
    Yasqe.forkAutocompleter("class", {
      ...own, name: "class",
      get: (_yasqe, token) => suggested(classes, token, () => 0),
      postprocessHints: (yasqe, hints) => shown(classes, yasqe, hints),
    });
    Yasqe.forkAutocompleter("property", {
      ...own, name: "property",
      get: (yasqe, token) => {
        const classes_here = named(yasqe);
        return suggested(properties, token, (one) => [...one.classes].some((name) => classes_here.has(name)));
      },
      postprocessHints: (yasqe, hints) => shown(properties, yasqe, hints),
    });
    Yasqe.forkAutocompleter("prefixes", {
      name: "prefixes",
      get: () => Object.entries(places.prefixes).map(([name, namespace]) => `${name}: <${namespace}>`).sort(),
      bulk: false,
    });
    const all = Yasqe.Autocompleters.prefixes.get();
    Yasqe.Autocompleters.prefixes.get = (_yasqe, token) => all.filter((one) => !token || one.startsWith(token.autocompletionString || token.string));
  }

  // ---- Where a query is wrong ----
  const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

  /** Say what was wrong, where, and what to do; nothing where there is nothing to say. */
  function told(said) {
    if (!said) return wrong.replaceChildren();
    const where = said.line ? words.at_line.replace("{line}", said.line).replace("{column}", said.column || 1) : "";
    wrong.replaceChildren(element("p", {}, element("strong", {}, where), where ? " – " : "", where ? said.detail : sentence(said.detail)));
    if (said.do) wrong.append(element("p", {}, `→ ${sentence(said.do)}`));
    if (!said.line) return;
    const lead = element("button", { type: "button" }, words.go_there);
    lead.addEventListener("click", () => { editor.focus(); editor.setCursor(said.line - 1, (said.column || 1) - 1); });
    wrong.append(lead);
  }

  function mark(line, title) {
    unmark();
    if (!line || line > editor.lineCount()) return;
    editor.addLineClass(line - 1, "background", "wrong-line");
    editor.setGutterMarker(line - 1, "gutterErrorBar", element("span", { class: "wrong", title }, "!"));
  }

  function unmark() {
    editor.eachLine((line) => editor.removeLineClass(line, "background", "wrong-line"));
    editor.clearGutter("gutterErrorBar");
  }

  /** The first line that the grammar does not allow; none where the query is only not finished. */
  function look() {
    told(null);
    unmark();
    for (let line = 0; line < editor.lineCount(); line++) {
      const { state } = editor.getTokenAt({ line, ch: editor.getLine(line).length }, true);
      if (state.OK === false) return mark(line + 1, words.wrong_line.replace("{line}", line + 1));
    }
  }

  // ---- Asking ----
  let running = null;

  function url(query, more) {
    return `${endpoint}?${new URLSearchParams({ query, lang: places.language, ...more })}`;
  }

  async function ask(query) {
    const form_ = editor.getQueryType(), is_table = form_ === "SELECT";
    const accept = is_table ? "text/tab-separated-values" : form_ === "ASK" ? "application/sparql-results+json" : "text/turtle";
    const signal = running.signal, headers = { accept: `${accept}, application/problem+json;q=0.1` };
    const response = query.length > longest
      ? await fetch(endpoint, { method: "POST", signal, headers, body: new URLSearchParams({ query, lang: places.language }) })
      : await fetch(url(query), { signal, headers });
    if (!response.ok) throw Object.assign(new Error(), { problem: await response.json().catch(() => ({})) });
    const of = { release: response.headers.get("clirld-release"), cite: /rel="?cite-as/.test(response.headers.get("link") || ""), hits: response.headers.get("clirld-hits") };
    if (is_table) return { ...of, ...(await SparqlAnswer.read(response, most)) };
    if (form_ === "ASK") return { ...of, boolean: (await response.json()).boolean };
    const text = await response.text();
    return { ...of, text: text.slice(0, 200000), more: text.length > 200000 };
  }

  async function run() {
    if (running) running.abort();
    running = new AbortController();
    const mine = running, query = editor.getValue(), started = performance.now();
    status.textContent = words.running;
    answer_box.hidden = stop.hidden = false;
    tabs.replaceChildren();
    panel.replaceChildren();
    told(null);
    try {
      const answer = await ask(query);
      show(answer, query, (performance.now() - started) / 1000);
      history.replaceState(null, "", `#${new URLSearchParams({ query })}`);
    } catch (error) {
      if (mine !== running) return;
      clear_links();
      const said = error.problem || {};
      status.textContent = error.name === "AbortError" ? words.stopped : "";
      if (error.name !== "AbortError") {
        answer_box.hidden = true;
        told({ ...said, detail: said.detail || words.no_answer });
        mark(said.line, said.detail || "");
        if (said.line) editor.setCursor({ line: said.line - 1, ch: Math.max((said.column || 1) - 1, 0) });
      }
    } finally {
      if (mine === running) { running = null; stop.hidden = true; }
    }
  }

  // ---- Showing ----
  function counted(answer) {
    if (answer.boolean !== undefined) return answer.boolean ? words.yes : words.no;
    if (!answer.rows) return answer.more ? words.graph_cut : "";
    const count = answer.rows.length.toLocaleString(places.language);
    if (answer.more) return words.rows_cut.replace("{count}", count);
    return answer.rows.length === 0 ? words.rows_none : answer.rows.length === 1 ? words.rows_one : words.rows_all.replace("{count}", count);
  }

  function links(id, list) {
    const line = document.getElementById(id);
    line.hidden = list.length === 0;
    const made = list.map(([where, text]) => element("a", { href: where }, text));
    line.lastElementChild.replaceChildren(...made.flatMap((one, at) => (at ? [" · ", one] : [one])));
  }

  function clear_links() {
    for (const id of ["answer-formats", "answer-cite", "answer-link"]) links(id, []);
  }

  function show(answer, query, seconds) {
    const took = words.seconds.replace("{seconds}", seconds.toLocaleString(places.language, { maximumSignificantDigits: 2 }));
    const cut = answer.hits && answer.hits.includes("cut") ? ` ${words.search_cut}` : "";
    status.textContent = `${counted(answer)} ${took}${cut}`;
    const formats = answer.text === undefined ? ["csv", "tsv", "json", "xml"] : ["ttl", "nt", "jsonld", "rdf"];
    links("answer-formats", formats.map((name) => [url(query, { format: name }), words.formats[name]]));
    links("answer-link", [[url(query), words.open_link]]);
    const cited = answer.cite && !places.within ? `/release/${answer.release}${endpoint}` : endpoint;
    links("answer-cite", answer.cite ? ["citation", "bibtex", "csl"].map((name) => [`${cited}?${new URLSearchParams({ query, lang: places.language, format: name })}`, words.cites[name]]) : []);
    tabs.hidden = !answer.rows;
    if (answer.text !== undefined) panel.replaceChildren(element("pre", { tabindex: "0" }, element("code", {}, answer.text)));
    if (!answer.rows || !answer.rows.length) return;
    const views = SparqlAnswer.views(answer), names = Object.keys(views);
    const buttons = names.map((name) => element("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "answer-view" }, words[name]));
    function select(at) {
      buttons.forEach((button, number) => {
        button.setAttribute("aria-selected", number === at);
        button.tabIndex = number === at ? 0 : -1;
      });
      panel.setAttribute("aria-labelledby", `tab-${names[at]}`);
      panel.replaceChildren(...views[names[at]](answer, places, words));
    }
    buttons.forEach((button, at) => {
      button.addEventListener("click", () => select(at));
      button.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const next = (at + step + names.length) % names.length;
        select(next);
        buttons[next].focus();
      });
    });
    tabs.replaceChildren(...buttons);
    select(0);
  }

  // ---- Beginning ----
  complete();
  const sent = new URLSearchParams(location.hash.slice(1)).get("query");
  const editor = new Yasqe(box, {
    value: sent || field.value,
    persistenceId: null, createShareableLink: null, consumeShareLink: null,
    showQueryButton: false, resizeable: false, syntaxErrorCheck: false,
    editorHeight: "auto", viewportMargin: Infinity, screenReaderLabel: words.label,
    gutters: ["gutterErrorBar", "CodeMirror-linenumbers"], foldGutter: false,
    // Tab leads on, as in every field; Ctrl-Space completes.
    extraKeys: { Tab: false, "Shift-Tab": false, "Ctrl-Enter": run, "Cmd-Enter": run },
  });
  box.hidden = false;
  field.hidden = true;
  field.required = false;
  form.querySelector("label[for=query]").addEventListener("click", () => editor.focus());
  editor.refresh();
  editor.on("change", look);
  document.getElementById("editor-help").hidden = false;
  document.getElementById("query-help").textContent = words.limits;
  format.querySelector("option[value=html]").textContent = words.here;
  form.addEventListener("submit", (event) => {
    field.value = editor.getValue();
    if (format.value !== "html") return; // a file: the form is sent
    event.preventDefault();
    run();
  });
  stop.addEventListener("click", () => running && running.abort());
  for (const item of document.querySelectorAll(".examples li")) {
    const [example, run_it] = item.querySelectorAll("a");
    example.addEventListener("click", (event) => {
      event.preventDefault();
      for (const other of document.querySelectorAll(".examples [aria-current]")) other.removeAttribute("aria-current");
      example.setAttribute("aria-current", "true");
      editor.setValue(new URL(run_it.href).searchParams.get("query"));
      box.scrollIntoView({ block: "start" });
      editor.focus();
    });
  }
  load().catch(() => {}); // without it a query is written as in any other field
})();
