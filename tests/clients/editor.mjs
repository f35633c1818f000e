// Run by editor.py, which says what it is for; its settings come on standard input.
import { readFileSync } from "node:fs";
import puppeteer from "puppeteer-core";
const { chromium, folder, address } = JSON.parse(readFileSync(0));
const axe = readFileSync(`${folder}/node_modules/axe-core/axe.min.js`, "utf-8");
const browser = await puppeteer.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] });
const problems = [], seen = [];
let where = "";
const hold = (held, what) => { seen.push(what); if (!held) problems.push(`${where}: ${what}`); };

for (const [language, width, scheme] of [["fr", 1400, "light"], ["en", 390, "dark"]]) {
  where = `${language}, ${width} px`;
  const tab = await browser.newPage();
  await tab.setViewport({ width, height: 900 });
  await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  const asked = [];
  tab.on("request", (one) => asked.push(one.url()));
  tab.on("pageerror", (problem) => problems.push(`${where}: a script fails: ${problem.message}`));
  tab.on("console", (said) => /Content Security Policy/.test(said.text()) && problems.push(`${where}: ${said.text()}`));
  const accessible = async (state) => {
    const found = await tab.evaluate(() => axe.run({ resultTypes: ["violations"] }));
    for (const { id, nodes } of found.violations) problems.push(`${where}, ${state}: ${id}: ${nodes[0].html.slice(0, 200)}`);
    hold((await tab.evaluate(() => document.documentElement.scrollWidth)) <= width, `${state} is no broader than the window`);
  };
  const write = (text) => tab.evaluate((given) => document.querySelector("#editor .CodeMirror").CodeMirror.setValue(given), text);
  const text = () => tab.evaluate(() => document.querySelector("#editor .CodeMirror").CodeMirror.getValue());
  const said = (id) => tab.$eval(`#${id}`, (one) => one.textContent.trim());
  const ended = () => tab.waitForFunction(() => document.getElementById("stop").hidden
    && (document.getElementById("wrong").textContent || document.getElementById("answer-status").textContent));
  const run = async (query) => { await write(query); await tab.click("form .run button"); await ended(); };
  const open = async (path) => {
    await tab.goto("about:blank");
    await tab.goto(address + path, { waitUntil: "networkidle0" });
    await tab.evaluate(axe);
  };

  await open(`/sparql?lang=${language}`);
  hold(await tab.$eval("#query", (one) => one.hidden), "the editor stands in the place of the text field");
  await accessible("the page");

  // Completed from the data, by a label and by a prefix that the query does not have yet.
  for (const [start, word, wanted] of [
    ["SELECT * { ?x a ", "clir:Initiativ", "clir:Initiative"],
    ["SELECT * { ?x ", language === "fr" ? "siège" : "seated", "clir:seatedIn"],
  ]) {
    await write(start);
    await tab.evaluate(() => { const it = document.querySelector("#editor .CodeMirror").CodeMirror; it.focus(); it.setCursor(9, 999); });
    await tab.keyboard.type(word);
    await tab.keyboard.down("Control");
    await tab.keyboard.press("Space");
    await tab.keyboard.up("Control");
    const hint = await tab.waitForFunction((term) => [...document.querySelectorAll(".CodeMirror-hint")].find((one) => one.textContent.startsWith(term)), { timeout: 10000 }, wanted).catch(() => null);
    hold(hint, `${word} is completed to ${wanted}`);
    if (!hint) continue;
    await hint.click();
    hold((await text()).includes(wanted) && (await text()).includes("PREFIX clir: <https://w3id.org/clirld/ontology#>"), `${wanted} is written with its prefix`);
  }

  // Tab is no trap.
  await tab.focus("#editor textarea");
  await tab.keyboard.press("Tab");
  hold(await tab.evaluate(() => !document.activeElement.closest("#editor")), "Tab leaves the editor");

  // A table whose IRIs lead to this server, its files, citation and address.
  await run('SELECT ?x ("a\\tb \\"c\\" {{d}} <script>" AS ?text) (1 AS ?n) ?none { VALUES ?x { <https://w3id.org/clirld/id/territory/commune-39300> <https://example.org/x> } }');
  hold((await said("answer-status")).startsWith(language === "fr" ? "2 lignes." : "2 rows."), "the rows are counted");
  const cells = await tab.$$eval("#answer-view tbody tr:first-child td", (all) => all.map((one) => one.textContent));
  hold(cells[1] === 'a\tb "c" {{d}} <script>', "a text is shown as it is");
  const leads = await tab.$$eval("#answer-view tbody a", (all) => all.map((one) => one.getAttribute("href")));
  hold(leads.includes(`/doc/territory/commune-39300?lang=${language}`) && leads.includes("https://example.org/x"), "IRIs lead to their pages");
  await accessible("a table");
  for (const id of ["answer-formats", "answer-cite", "answer-link"])
    for (const link of await tab.$$eval(`#${id} a`, (all) => all.map((one) => one.href)))
      hold((await fetch(link)).ok, `${id} ${new URL(link).searchParams.get("format") || "page"} is answered`);
  hold((await tab.$$("#answer-formats a")).length === 4 && (await tab.$$("#answer-cite a")).length === 3, "four files and three citations");

  // A map and bars, by keyboard.
  await run('SELECT ?name ?place ?number { VALUES (?x ?name ?place ?number) { (<https://w3id.org/clirld/id/initiative/a> "A" "POINT(2 47)"^^<http://www.opengis.net/ont/geosparql#wktLiteral> 4) (<https://w3id.org/clirld/id/initiative/b> "B" "POINT(5 44)"^^<http://www.opengis.net/ont/geosparql#wktLiteral> 8) } }');
  hold((await tab.$$("[role=tab]")).length === 3, "a table, a map and bars");
  await tab.focus("#tab-table");
  await tab.keyboard.press("ArrowRight");
  hold((await tab.$$("#answer-view circle")).length === 2, "two points");
  await accessible("a map");
  hold(asked.some((one) => one.includes("/map/contours/departement.geojson?bbox=")), "its ground is asked of this server");
  await tab.keyboard.press("ArrowRight");
  const bars = await tab.$$eval(".bars rect", (all) => all.map((one) => Number(one.getAttribute("width"))));
  hold(bars.length === 2 && bars[0] === 50 && bars[1] === 100, "two bars, one half as long as the other");
  await accessible("bars");

  // More rows than are shown, a graph, yes or no, and what is wrong.
  await run("SELECT ?a ?b { VALUES ?a { 1 2 3 4 5 6 7 8 9 10 } VALUES ?b { 1 2 3 4 5 6 7 8 9 10 } VALUES ?c { 1 2 3 4 5 6 7 8 9 10 } VALUES ?d { 1 2 3 4 5 6 7 8 9 10 } }");
  hold(/5.000/.test(await said("answer-status")) && (await tab.$$("#answer-view tbody tr")).length === 500, "5,000 rows are read, 500 shown");
  await tab.click(".answer-more");
  hold((await tab.$$("#answer-view tbody tr")).length === 1000, "500 more on demand");
  await run("CONSTRUCT { <a:a> <a:b> 1 } {}");
  hold((await said("answer-view")).includes("<a:b>"), "a graph is shown as Turtle");
  await run("ASK {}");
  hold((await said("answer-status")).startsWith(language === "fr" ? "Oui" : "Yes"), "yes or no in words");
  await run("SELECT * {\n  ?s ?p ?o .\n  FILTER(\n}");
  hold(/^(Ligne|Line) 4, /.test(await said("wrong")), "an error says where it is");
  hold((await tab.$$(".wrong-line")).length === 1, "its line is marked");
  await accessible("an error");
  await tab.click("#wrong button");
  hold(await tab.evaluate(() => document.querySelector("#editor .CodeMirror").CodeMirror.getCursor().line === 3), "its link leads there");

  // An example, and an address that was sent.
  await tab.click(".examples li:nth-child(2) a");
  hold((await text()).includes("SELECT"), "an example is put into the editor");
  await open(`/sparql?lang=${language}#query=${encodeURIComponent("ASK { ?sent ?p ?o }")}`);
  hold((await text()) === "ASK { ?sent ?p ?o }", "an address with a query opens it");
  await tab.select("#format", "json");
  await Promise.all([tab.waitForNavigation().catch(() => null), tab.click("form .run button")]);
  hold(asked.some((one) => one.includes("format=json") && one.includes("sent")), "a file is asked for by the form");
  for (const one of asked) if (!one.startsWith(address) && !one.startsWith("data:") && one !== "about:blank") problems.push(`${where}: asked of another server: ${one}`);
  await tab.close();
}
await browser.close();
console.log(JSON.stringify({ problems, seen: seen.length }));
