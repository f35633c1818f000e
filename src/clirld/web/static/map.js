// The interactive map of /map: loaded when asked for, by the button or by ?view=map. What it shows are the very addresses
// that the page links to; the list and the filters come from the server, for the frame of the map.
(() => {
  "use strict";
  const $ = (id) => document.getElementById(id);
  const frame = $("map");
  const said = frame.dataset;
  const LIBRARY = "/static/maplibre-gl-csp";
  const GROUPINGS_FROM = 7.2; // zoom
  const SIZE = 22; // of an icon, in pixels of the page
  let map, asked, moved = false;
  const groupings = new Map(), windows = new Set(), known = new Set();

  $("asking").hidden = false;
  $("show-map").addEventListener("click", show);
  if (new URLSearchParams(location.search).get("view") === "map") show();

  function show() {
    if (map) return;
    $("show-map").disabled = true;
    $("map-status").textContent = said.loading;
    const script = document.createElement("script");
    script.src = `${LIBRARY}.js`;
    script.onload = () => { try { draw(); } catch (error) { fail(error); } };
    script.onerror = fail;
    document.head.append(script);
  }

  function fail(error) {
    console.error(error);
    map = null;
    frame.classList.remove("live");
    frame.querySelectorAll(".maplibregl-canvas-container, .maplibregl-control-container").forEach((one) => one.remove());
    frame.querySelector("picture").hidden = false;
    $("map-status").textContent = said.failed;
  }

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const corners = (text) => { const [w, s, e, n] = text.split(",").map(Number); return [[w, s], [e, n]]; };
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  function draw() {
    maplibregl.setWorkerUrl(`${location.origin}${LIBRARY}-worker.js`);
    frame.querySelector("picture").hidden = true;
    frame.classList.add("live");
    map = new maplibregl.Map({
      container: frame, style: style(), bounds: corners(said.bbox), fitBoundsOptions: { padding: said.fixed ? 0 : 12 },
      attributionControl: false, dragRotate: false, pitchWithRotate: false, maxPitch: 0, maxZoom: 17, minZoom: 1,
      locale: {
        "Map.Title": said.label, "Popup.Close": said.close,
        "NavigationControl.ZoomIn": said.zoomIn, "NavigationControl.ZoomOut": said.zoomOut,
      },
    });
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
    map.on("styleimagemissing", (event) => addIcon(event.id));
    map.once("idle", () => {
      $("map-status").textContent = "";
      $("asking").hidden = true;
      $("keys").hidden = false;
      frame.dataset.ready = "yes";
      address();
      drawGroupings();
      if (document.activeElement === document.body || document.activeElement === $("show-map")) map.getCanvas().focus();
    });
    map.on("movestart", (event) => { if (event.originalEvent || event.asked) moved = true; });
    map.on("moveend", () => { drawGroupings(); address(); if (moved) follow(); });
    map.on("click", "clusters", open);
    map.on("click", "places", tell);
    for (const layer of ["clusters", "places"]) {
      map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
      map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
    }
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
    for (const type of ["focusin", "mouseover"]) $("list").addEventListener(type, point);
    document.addEventListener("click", go);
  }

  function style() {
    const kinds = ["coalesce", ["to-string", ["get", "kind"]], ""];
    const form = ["case", ["in", "third-place", kinds], "circle", ["in", "ptce", kinds], "triangle",
      ["in", "territory-project", kinds], "diamond", "wedge"];
    const land = (id, source) => ({ id, source, type: "fill", filter: ["!=", ["geometry-type"], "Point"],
      paint: { "fill-color": token("land") } });
    const border = (id, source, width) => ({ id, source, type: "line", filter: ["!=", ["geometry-type"], "Point"],
      paint: { "line-color": token("rule"), "line-width": width } });
    const empty = { type: "FeatureCollection", features: [] };
    return {
      version: 8,
      sources: {
        departements: { type: "geojson", data: $("departements").href },
        groupings: { type: "geojson", data: { ...empty, features: [...groupings.values()] } },
        places: { type: "geojson", data: points(), cluster: true, clusterRadius: 42, clusterMaxZoom: 12 },
        here: { type: "geojson", data: empty },
      },
      layers: [
        { id: "sea", type: "background", paint: { "background-color": token("paper") } },
        land("land", "departements"),
        { id: "communes", source: "departements", type: "circle", filter: ["==", ["geometry-type"], "Point"],
          paint: { "circle-color": token("land"), "circle-radius": ["interpolate", ["linear"], ["zoom"], 5, 2, 10, 9],
            "circle-stroke-color": token("rule"), "circle-stroke-width": 0.7 } },
        { ...border("grouping-borders", "groupings", 0.6), minzoom: GROUPINGS_FROM },
        border("borders", "departements", ["interpolate", ["linear"], ["zoom"], 4, 0.6, 9, 1.6]),
        { id: "places", source: "places", type: "symbol", filter: ["!", ["has", "point_count"]],
          layout: { "icon-allow-overlap": true, "icon-ignore-placement": true, "symbol-sort-key":
            ["case", ["==", ["get", "precision"], "point"], 1, 0],
            "icon-image": ["concat", form, ["case", ["==", ["get", "precision"], "point"], "", "-hollow"]] } },
        { id: "clusters", source: "places", type: "symbol", filter: ["has", "point_count"],
          layout: { "icon-allow-overlap": true, "icon-ignore-placement": true,
            "icon-image": ["concat", "count-", ["to-string", ["get", "point_count"]]] } },
        { id: "here", source: "here", type: "circle", paint: { "circle-radius": 15, "circle-color": "rgba(0,0,0,0)",
          "circle-stroke-color": token("accent"), "circle-stroke-width": 4 } },
      ],
    };
  }

  // The points of the view whatever its frame: to move must show those that lie beyond.
  function points() {
    const where = new URL($("points").href);
    where.searchParams.delete("bbox");
    where.searchParams.set("limit", "20000");
    return where.href;
  }

  // Icons are drawn here, in the colours and the font of the page: no fonts or images of a map server.
  function addIcon(id) {
    if (map.hasImage(id)) return;
    const ratio = Math.min(Math.ceil(devicePixelRatio || 1), 3);
    const count = id.startsWith("count-") ? id.slice(6) : "";
    const side = count ? 26 + 5 * count.length : SIZE;
    const canvas = Object.assign(document.createElement("canvas"), { width: side * ratio, height: side * ratio });
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    pen.fillStyle = id.endsWith("-hollow") ? token("paper") : token("ink");
    pen.strokeStyle = id.endsWith("-hollow") ? token("ink") : token("paper");
    pen.lineWidth = id.endsWith("-hollow") ? 2 : 1;
    pen.beginPath();
    outline(pen, count ? "circle" : id.replace("-hollow", ""), side / 2, count ? side / 2 - 1 : 6.5);
    pen.closePath();
    pen.fill();
    pen.stroke();
    if (count) {
      pen.fillStyle = token("paper");
      pen.font = `680 14px ${getComputedStyle(document.body).fontFamily}`;
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.fillText(count, side / 2, side / 2 + 0.5);
    }
    const drawn = pen.getImageData(0, 0, canvas.width, canvas.height);
    map.addImage(id, drawn, { pixelRatio: ratio });
    known.add(id);
  }

  function outline(pen, form, middle, half) {
    const corner = { triangle: [[0, -1], [1, 1], [-1, 1]], wedge: [[0, 1], [-1, -1], [1, -1]],
      diamond: [[0, -1.15], [1.15, 0], [0, 1.15], [-1.15, 0]] }[form];
    if (corner) corner.forEach(([x, y], n) => pen[n ? "lineTo" : "moveTo"](middle + x * half, middle + y * half));
    else pen.arc(middle, middle, half, 0, 2 * Math.PI);
  }

  function recolour() {
    known.forEach((id) => map.hasImage(id) && map.removeImage(id));
    known.clear();
    map.setStyle(style(), { diff: false });
  }

  async function drawGroupings() {
    if (map.getZoom() < GROUPINGS_FROM) return;
    const view = map.getBounds();
    // Whole degrees, so that the next view mostly has what it needs.
    const bbox = [Math.floor(view.getWest()), Math.floor(view.getSouth()), Math.ceil(view.getEast()), Math.ceil(view.getNorth())].join();
    if (windows.has(bbox)) return;
    windows.add(bbox);
    const where = new URL($("groupings").href);
    where.searchParams.set("bbox", bbox);
    const answer = await fetch(where);
    if (!answer.ok) return;
    for (const one of (await answer.json()).features) groupings.set(one.id, one);
    map.getSource("groupings").setData({ type: "FeatureCollection", features: [...groupings.values()] });
  }

  function window_() {
    const view = map.getBounds();
    const digits = (one) => Number(one.toFixed(3));
    return [Math.max(-180, digits(view.getWest())), Math.max(-90, digits(view.getSouth())),
      Math.min(180, digits(view.getEast())), Math.min(90, digits(view.getNorth()))].join();
  }

  // The address of what is seen, to be sent to somebody.
  function address() {
    const here = new URL(location.href);
    here.searchParams.set("view", "map");
    if (moved) { here.searchParams.set("bbox", window_()); here.searchParams.delete("page"); }
    history.replaceState(null, "", here.href.replaceAll("%2C", ","));
    return here;
  }

  // The list and the filters of the frame, as the server tells them.
  async function follow() {
    asked?.abort();
    asked = new AbortController();
    try {
      await new Promise((done) => setTimeout(done, 300));
      const answer = await fetch(address(), { signal: asked.signal, headers: { accept: "text/html" } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const open = new Set([...document.querySelectorAll("#narrow details[open]")].map((one) => one.id));
      for (const id of ["told", "narrow", "list"]) {
        if ($(id).contains(document.activeElement)) continue;
        $(id).replaceChildren(...page.getElementById(id).childNodes);
      }
      open.forEach((id) => $(id)?.setAttribute("open", ""));
      frame.dataset.told = location.href;
    } catch (error) {
      if (error.name !== "AbortError") console.error(error);
    }
  }

  // A place of the list is shown on the map, where one looks at it or comes to it with the keyboard.
  function point(event) {
    const row = event.target.closest("[data-at]");
    document.querySelectorAll("#list .here").forEach((one) => one.classList.remove("here"));
    row?.classList.add("here");
    const geometry = row && { type: "Point", coordinates: row.dataset.at.split(",").map(Number) };
    map.getSource("here")?.setData(geometry || { type: "FeatureCollection", features: [] });
  }

  // A link to a window moves the map.
  function go(event) {
    const link = event.target.closest("a.window");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const to = corners(link.dataset.bbox || "-5.25,41.3,9.65,51.15");
    map.fitBounds(to, { padding: 12, animate: !still.matches }, { asked: true });
  }

  async function open(event) {
    const [cluster] = event.features;
    const zoom = await map.getSource("places").getClusterExpansionZoom(cluster.properties.cluster_id);
    map.easeTo({ center: cluster.geometry.coordinates, zoom, animate: !still.matches }, { originalEvent: event.originalEvent });
  }

  function tell(event) {
    const box = [[event.point.x - 9, event.point.y - 9], [event.point.x + 9, event.point.y + 9]];
    const seen = new Map(map.queryRenderedFeatures(box, { layers: ["places"] }).map((one) => [one.properties.page, one]));
    const body = document.createElement("div");
    for (const { properties } of [...seen.values()].slice(0, 8)) {
      const line = document.createElement("p");
      const link = document.createElement("a");
      link.textContent = properties.name;
      link.href = properties.page;
      line.append(link, document.createElement("br"), [properties.territory, said[camel(properties.precision)]].filter(Boolean).join(", "));
      body.append(line);
    }
    new maplibregl.Popup({ maxWidth: "20rem", offset: 12 }).setLngLat(event.lngLat).setDOMContent(body).addTo(map);
  }

  const camel = (name) => name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
})();
