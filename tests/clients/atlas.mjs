// Run by atlas.py, which says what it is for; its settings come on standard input.
import { readFileSync } from "node:fs";
import { get } from "node:http";
import puppeteer from "puppeteer-core";
const { chromium, folder, address } = JSON.parse(readFileSync(0));
const MOST = 700;
const axe = readFileSync(`${folder}/node_modules/axe-core/axe.min.js`, "utf-8");
const browser = await puppeteer.launch({ executablePath: chromium,
  args: ["--no-sandbox", "--enable-unsafe-swiftshader", "--use-angle=swiftshader"] });
const problems = [], seen = [];
let where = "", kilobytes = 0;
const hold = (held, what) => { seen.push(what); if (!held) problems.push(`${where}: ${what}`); };

// Bytes of an answer as it is sent to who takes gzip.
const weight = (url) => new Promise((done, failed) => get(url, { headers: { "accept-encoding": "gzip" } }, (answer) => {
  let bytes = 0;
  answer.on("data", (part) => { bytes += part.length; });
  answer.on("end", () => done(bytes));
}).on("error", failed));

for (const [language, width, scheme] of [["fr", 1400, "light"], ["en", 390, "dark"]]) {
  where = `${language}, ${width} px`;
  const tab = await browser.newPage();
  await tab.setViewport({ width, height: 900 });
  await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  const asked = [];
  tab.on("request", (one) => asked.push(one.url()));
  tab.on("pageerror", (problem) => problems.push(`${where}: a script fails: ${problem.message}`));
  tab.on("console", (said) => /Content Security Policy|rror/.test(said.text()) && problems.push(`${where}: ${said.text()}`));
  const network = await tab.createCDPSession();
  const accessible = async (state) => {
    await tab.evaluate(axe);
    const found = await tab.evaluate(() => axe.run({ resultTypes: ["violations"] }));
    for (const { id, nodes } of found.violations) problems.push(`${where}, ${state}: ${id}: ${nodes[0].html.slice(0, 200)}`);
    hold((await tab.evaluate(() => document.documentElement.scrollWidth)) <= width, `${state} is no broader than the window`);
  };
  const ready = () => tab.waitForFunction(() => document.getElementById("map").dataset.ready, { timeout: 60000 });
  const told = () => tab.$eval("#told", (one) => one.textContent.trim());
  const first = () => tab.$eval("#list .things", (one) => one.textContent.trim());
  // How many colours are on the map: where nothing is drawn it has one.
  const colours = async () => {
    const shot = await (await tab.$("#map")).screenshot({ encoding: "base64" });
    return tab.evaluate(async (data) => {
      const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(data), (one) => one.charCodeAt(0))]));
      const pen = Object.assign(new OffscreenCanvas(bitmap.width, bitmap.height)).getContext("2d");
      pen.drawImage(bitmap, 0, 0);
      const found = new Map(), all = pen.getImageData(0, 0, bitmap.width, bitmap.height).data;
      for (let n = 0; n < all.length; n += 4) {
        const colour = all[n] << 16 | all[n + 1] << 8 | all[n + 2];
        found.set(colour, (found.get(colour) || 0) + 1);
      }
      return [...found].sort((one, other) => other[1] - one[1]).map(([colour]) => colour);
    }, shot);
  };

  // Without a script: a drawing, a list, filters and places to go to, all of them links.
  await tab.setJavaScriptEnabled(false);
  await tab.goto(`${address}/map?lang=${language}`, { waitUntil: "networkidle0" });
  await tab.setJavaScriptEnabled(true);
  hold(await tab.$eval("#map img", (one) => one.complete && one.naturalWidth > 300), "the drawing is there without a script");
  hold(await tab.$eval("#asking", (one) => one.hidden), "nothing that needs a script is offered without one");
  hold((await tab.$$("#list .things > li")).length > 0, "the list is there without a script");
  const link = await tab.$eval("#narrow .refine a", (one) => one.href);
  await tab.goto(link, { waitUntil: "networkidle0" });
  hold(await tab.$("#told .picked"), "a filter is a link");

  // With one: nothing is loaded until it is asked for, here by keyboard.
  asked.length = 0;
  await tab.goto(`${address}/map?lang=${language}`, { waitUntil: "networkidle0" });
  hold(!asked.some((one) => one.includes("maplibre")), "the library is not loaded before it is asked for");
  await accessible("the page");
  hold(asked.every((one) => one.startsWith(address)), "nothing is asked of another server by the page");
  asked.length = 0;
  await tab.focus("#show-map");
  await tab.keyboard.press("Enter");
  await ready();
  await new Promise((done) => setTimeout(done, 800));
  hold(asked.every((one) => one.startsWith(address) || one.startsWith("data:") || one.startsWith("blob:")), "nothing is asked of another server");
  const drawn = await colours();
  hold(drawn.length > 20, `the map is drawn: ${drawn.length} colours`);
  const ground = (await tab.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--land"))).trim();
  hold(drawn.slice(0, 4).includes(parseInt(ground.slice(1), 16)), "the land has the colour of the pages");
  hold(await tab.evaluate(() => document.activeElement.classList.contains("maplibregl-canvas")), "the map has the focus");
  await accessible("the map");

  // Moved by keyboard, the address and the list follow.
  const before = await first();
  for (const key of ["+", "+", "ArrowRight", "ArrowUp"]) {
    await tab.keyboard.press(key);
    await new Promise((done) => setTimeout(done, 700));
  }
  await tab.waitForFunction(() => document.getElementById("map").dataset.told === location.href, { timeout: 20000 });
  const view = new URL(tab.url());
  hold(view.searchParams.get("view") === "map" && view.searchParams.get("bbox")?.split(",").length === 4, "the address is that of the view");
  hold((await first()) !== before, "the list follows the map");
  const loaded = new Set([...asked.filter((one) => one.startsWith(address)), `${address}/static/maplibre-gl-csp-worker.js`]);
  hold([...loaded].some((one) => one.includes("initiatives.geojson")), "the points are among what is loaded");
  const all = (await Promise.all([...loaded].map(weight))).reduce((sum, one) => sum + one, 0);
  kilobytes = Math.max(kilobytes, Math.round(all / 1000));
  hold(all / 1000 < MOST, `all that is loaded for the map is ${Math.round(all / 1000)} KB`);

  // A place of the list is shown on the map where the keyboard comes to it.
  const place = await tab.$("#list [data-at] a");
  if (place) {
    await place.focus();
    hold(await tab.$("#list li.here"), "the place in focus is marked");
  }
  const counted = await told();
  await tab.goto(view.href, { waitUntil: "networkidle0" });
  await ready();
  hold((await told()) === counted, "the address leads back to the view");

  // Overseas, by a link.
  const overseas = await tab.$("a.window[data-bbox]");
  if (overseas) {
    await overseas.click();
    const there = () => { const [west] = new URL(location.href).searchParams.get("bbox").split(",").map(Number); return west < -10 || west > 20; };
    hold(await tab.waitForFunction(there, { timeout: 20000 }).catch(() => null), "a link leads overseas");
  }

  // The other colours, when the person changes them.
  await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme === "dark" ? "light" : "dark" }]);
  await new Promise((done) => setTimeout(done, 1500));
  const other = await colours();
  hold(other[0] !== drawn[0], "the map takes the other colours");

  // A picture as a file for a report.
  await tab.goto(`${address}/figure/recognitions-by-year?lang=${language}`, { waitUntil: "networkidle0" });
  await accessible("the picture");
  await network.send("Page.setDownloadBehavior", { behavior: "deny" });
  await tab.click("#png");
  const size = await tab.waitForFunction(() => document.getElementById("png").dataset.done, { timeout: 20000 }).catch(() => null);
  hold(size, "a picture is made into PNG");
  await tab.close();
}
await browser.close();
console.log(JSON.stringify({ seen: seen.length, problems, kilobytes }));
