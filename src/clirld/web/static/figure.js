// A picture as PNG, twice as large as it is shown, made by the browser from the SVG: nothing is sent anywhere.
(() => {
  "use strict";
  const button = document.getElementById("png");
  button.parentElement.hidden = false;
  button.addEventListener("click", async () => {
    const drawing = await (await fetch(document.getElementById("svg").href)).text();
    const size = new DOMParser().parseFromString(drawing, "image/svg+xml").documentElement;
    const [width, height] = ["width", "height"].map((name) => Number(size.getAttribute(name)) * 2);
    const image = new Image();
    image.src = document.getElementById("svg").href;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    canvas.getContext("2d").drawImage(image, 0, 0, width, height);
    const link = document.createElement("a");
    link.download = button.dataset.name;
    link.href = canvas.toDataURL("image/png");
    link.click();
    button.dataset.done = `${width} × ${height}`;
  });
})();
