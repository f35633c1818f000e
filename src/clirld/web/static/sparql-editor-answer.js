// The answer to a query, as the editor on /sparql shows it: read row by row, then as a table, points on a map, or bars.
"use strict";

const SparqlAnswer = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const NUMBER = /^http:\/\/www\.w3\.org\/2001\/XMLSchema#(integer|decimal|double|float|int|long|nonNegativeInteger|gYear)$/;
  const POSITION = /(-?\d+(?:\.\d+)?)\s+(-?\d+(?:\.\d+)?)/;
  const LATITUDE = /^(lat|latitude|wgs84lat)$/i, LONGITUDE = /^(lon|long|lng|longitude|wgs84long)$/i;

  /** A term as SPARQL's TSV has it (https://www.w3.org/TR/sparql11-results-csv-tsv/); null where nothing is bound. */
  function term(text) {
    if (text === "") return null;
    if (text.startsWith("<")) return { type: "iri", value: text.slice(1, -1) };
    if (text.startsWith("_:")) return { type: "blank", value: text };
    const literal = /^"((?:[^"\\]|\\.)*)"(?:@([A-Za-z0-9-]+)|\^\^<([^>]*)>)?$/.exec(text);
    if (!literal) {
      const isNumber = text !== "true" && text !== "false";
      return { type: "literal", value: text, datatype: isNumber ? "http://www.w3.org/2001/XMLSchema#decimal" : "" };
    }
    const escapes = { t: "\t", n: "\n", r: "\r", b: "\b", f: "\f" };
    const value = literal[1].replace(/\\(.)/g, (_, letter) => escapes[letter] || letter);
    return { type: "literal", value, language: literal[2] || "", datatype: literal[3] || "" };
  }

  /** The rows of a response in TSV, at most so many: what comes after is not waited for. */
  async function read(response, most) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "", variables = null, more = false;
    const rows = [];
    while (!more) {
      const { value, done } = await reader.read();
      const lines = (rest + (value || "")).split("\n");
      rest = done ? "" : lines.pop();
      for (const line of lines) {
        if (variables === null) variables = line.trim() ? line.split("\t").map((name) => name.replace(/^[?$]/, "")) : [];
        else if (line !== "" || (variables.length === 1 && !done)) {
          if (rows.length === most) { more = true; break; }
          const cells = line.split("\t").map(term);
          rows.push(variables.map((_, number) => cells[number] || null));
        }
      }
      if (done) break;
    }
    if (more) await reader.cancel();
    return { variables: variables || [], rows, more };
  }

  function element(name, attributes, ...children) {
    const made = name.startsWith("svg:") ? document.createElementNS(SVG, name.slice(4)) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) if (value !== null) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  /** Where an IRI is read: on this server if it is the project's. `places` has the base and the page's own prefix. */
  function address(iri, places) {
    const rest = iri.startsWith(places.base) ? iri.slice(places.base.length) : null;
    if (rest === null) return /^https?:\/\//.test(iri) ? iri : null;
    if (rest.startsWith("id/")) return `${places.within}/doc/${encodeURI(rest.slice(3).split("#")[0])}?lang=${places.language}`;
    if (/^(graph|concept)\//.test(rest)) return `${places.within}/doc/${encodeURI(rest)}?lang=${places.language}`;
    if (rest.startsWith("ontology")) return `/ontology/${places.language}/index.html${rest.slice(8)}`;
    return iri;
  }

  function shortened(iri, places) {
    let best = "";
    for (const [name, namespace] of Object.entries(places.prefixes))
      if (iri.startsWith(namespace) && namespace.length > (places.prefixes[best] || "").length) best = name;
    return best ? `${best}:${iri.slice(places.prefixes[best].length)}` : iri;
  }

  function cell(one, places, words) {
    if (one === null) return element("td", { class: "empty" }, element("span", { class: "unseen" }, words.unbound));
    if (one.type !== "iri") return element("td", { lang: one.language || null }, one.value);
    const where = address(one.value, places), text = shortened(one.value, places);
    return element("td", {}, where ? element("a", { href: where, title: one.value, rel: "nofollow noreferrer" }, text) : text);
  }

  function table(answer, places, words) {
    const at_a_time = 500, body = element("tbody");
    const head = element("tr", {}, ...answer.variables.map((name) => element("th", { scope: "col" }, name)));
    const box = element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": words.table },
      element("table", { class: "answers" }, element("thead", {}, head), body));
    const more = element("button", { type: "button", class: "answer-more" });
    function fill() {
      const next = answer.rows.slice(body.rows.length, body.rows.length + at_a_time);
      body.append(...next.map((row) => element("tr", {}, ...row.map((one) => cell(one, places, words)))));
      const left = answer.rows.length - body.rows.length;
      more.hidden = left === 0;
      more.textContent = words.show_more.replace("{count}", Math.min(left, at_a_time).toLocaleString(places.language));
    }
    more.addEventListener("click", fill);
    fill();
    return [box, more];
  }

  /** The points of the rows: WKT in any column, or a column of latitudes and one of longitudes. */
  function points(answer) {
    const latitude = answer.variables.findIndex((name) => LATITUDE.test(name));
    const longitude = answer.variables.findIndex((name) => LONGITUDE.test(name));
    const found = [];
    for (const row of answer.rows) {
      const wkt = row.find((one) => one && one.datatype && one.datatype.endsWith("#wktLiteral"));
      const [, x, y] = (wkt && POSITION.exec(wkt.value)) || [null, row[longitude]?.value, row[latitude]?.value];
      if (x === undefined || y === undefined || !isFinite(x) || !isFinite(y) || Math.abs(y) > 89) continue;
      const name = row.find((one) => one && one.type === "literal" && one !== wkt && !NUMBER.test(one.datatype || ""));
      const iri = row.find((one) => one && one.type === "iri");
      found.push({ x: Number(x), y: Number(y), name: (name || iri || { value: "" }).value, iri: iri ? iri.value : null });
    }
    return found;
  }

  const height_of = (y) => (180 / Math.PI) * Math.log(Math.tan(Math.PI / 4 + (y * Math.PI) / 360)); // Mercator

  const is_metropolitan = ({ x, y }) => x > -5.6 && x < 10 && y > 41 && y < 51.5;

  function map(answer, places, words) {
    const all = points(answer), most = 2000, near = all.filter(is_metropolitan);
    const found = near.length > all.length / 2 ? near : all; // a few overseas leave no room for the others
    const shown = found.slice(0, most), outside = all.length - found.length;
    const xs = shown.map((one) => one.x), ys = shown.map((one) => height_of(one.y));
    const middle = [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
    const span = Math.max(Math.max(...xs) - Math.min(...xs), (Math.max(...ys) - Math.min(...ys)) * 1.6, 0.2) * 1.08;
    const width = 1000, height = 625, scale = width / span;
    const place = (x, y) => [width / 2 + (x - middle[0]) * scale, height / 2 - (height_of(y) - middle[1]) * scale];
    const ground = element("svg:g", { class: "land", "stroke-width": "1" });
    const drawn = element("svg:svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": words.map },
      element("svg:rect", { class: "ground", width, height }), ground);
    for (const one of shown) {
      const [x, y] = place(one.x, one.y);
      const dot = element("svg:circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: shown.length > 300 ? 4 : 6 }, element("svg:title", {}, one.name));
      const where = one.iri && address(one.iri, places);
      drawn.append(where ? element("svg:a", { href: where, "aria-label": one.name }, dot) : dot);
    }
    const [left, right] = [middle[0] - span / 2, middle[0] + span / 2], [low, high] = [Math.min(...shown.map((one) => one.y)), Math.max(...shown.map((one) => one.y))];
    const source = element("p", { class: "help", hidden: "" }, element("a", { href: `${places.within}/doc/graph/contours?lang=${places.language}` }, words.map_contours));
    outlines(ground, source, place, places, [left, low - span / 2, right, high + span / 2]);
    const count = found.length.toLocaleString(places.language);
    const said = (found.length > most ? words.map_cut : words.map_count).replace("{count}", count).replace("{most}", most);
    const elsewhere = outside ? ` ${words.map_outside.replace("{count}", outside.toLocaleString(places.language))}` : "";
    return [element("p", { class: "help" }, said + elsewhere), drawn, source];
  }

  /** What the points lie on: the contours that this server has, where it has any. */
  async function outlines(ground, source, place, places, seen) {
    const bounds = seen.map((degrees, at) => Math.min(Math.max(degrees, at % 2 ? -89 : -180), at % 2 ? 89 : 180).toFixed(3));
    const response = await fetch(`${places.within}/map/contours/departement.geojson?bbox=${bounds}`).catch(() => null);
    if (!response || !response.ok) return;
    source.hidden = false;
    for (const feature of (await response.json()).features) {
      const shape = feature.geometry || { coordinates: [] };
      const polygons = shape.type === "Polygon" ? [shape.coordinates] : shape.type === "MultiPolygon" ? shape.coordinates : [];
      const lines = polygons.flat().map((ring) => "M" + ring.map(([x, y]) => place(x, y).map((n) => n.toFixed(1)).join(" ")).join("L") + "Z");
      ground.append(element("svg:path", { d: lines.join("") }));
    }
  }

  /** The columns of numbers; those of a name that a point has are none. */
  function numeric(answer) {
    return answer.variables.map((_, number) => number).filter((number) => {
      if (LATITUDE.test(answer.variables[number]) || LONGITUDE.test(answer.variables[number])) return false;
      const bound = answer.rows.map((row) => row[number]).filter(Boolean);
      return bound.length > 0 && bound.every((one) => NUMBER.test(one.datatype || "") && isFinite(one.value));
    });
  }

  function choice(id, label, numbers, answer, chosen, changed) {
    const select = element("select", { id }, ...numbers.map((number) => element("option", { value: number }, answer.variables[number])));
    select.value = chosen;
    select.addEventListener("change", () => changed(Number(select.value)));
    return [element("label", { for: id }, label), select];
  }

  function chart(answer, places, words) {
    const values = numeric(answer), names = answer.variables.map((_, number) => number);
    let value = values[values.length - 1];
    let name = names.find((number) => number !== value && !values.includes(number)) ?? names.find((number) => number !== value) ?? value;
    const drawing = element("div", { class: "chart" });
    function draw() {
      const most = 100, shown = answer.rows.filter((row) => row[value]).slice(0, most);
      const label = (row) => (row[name] ? (row[name].type === "iri" ? shortened(row[name].value, places) : row[name].value) : words.unbound);
      const numbers = shown.map((row) => Number(row[value].value));
      const low = Math.min(0, ...numbers), span = Math.max(0, ...numbers) - low || 1;
      const written = { useGrouping: !/year|annee|année/i.test(answer.variables[value]) };
      const bar = (number) => element("svg:svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
        element("svg:rect", { x: ((Math.min(0, number) - low) / span) * 100, width: Math.max((Math.abs(number) / span) * 100, 0.2), height: 10 }));
      const lines = shown.map((row, at) => element("tr", {}, element("th", { scope: "row" }, label(row)),
        element("td", { class: "bar" }, bar(numbers[at])), element("td", { class: "n" }, numbers[at].toLocaleString(places.language, written))));
      const said = answer.rows.length > most ? [element("p", { class: "help" }, words.chart_cut.replace("{most}", most))] : [];
      const head = element("tr", {}, element("th", { scope: "col" }, answer.variables[name]),
        element("th", { scope: "col", class: "n", colspan: "2" }, answer.variables[value]));
      const columns = ["of", "bar", "n"].map((name) => element("col", { class: name }));
      drawing.replaceChildren(...said, element("table", { class: "bars" }, element("colgroup", {}, ...columns), element("thead", {}, head), element("tbody", {}, ...lines)));
    }
    const choices = element("p", { class: "choice" },
      ...choice("chart-name", words.chart_name, names, answer, name, (chosen) => { name = chosen; draw(); }),
      ...choice("chart-value", words.chart_value, values, answer, value, (chosen) => { value = chosen; draw(); }));
    draw();
    return [choices, drawing];
  }

  /** The views that an answer can be shown in, by name. */
  function views(answer) {
    const all = { table };
    if (answer.rows.length && points(answer).length) all.map = map;
    if (answer.rows.length && numeric(answer).length) all.chart = chart;
    return all;
  }

  return { read, views, term, element };
})();
