// A vehicle's day on a map that needs no tiles: our own track and roads on a plain ground.
"use strict";

(() => {
  const box = document.getElementById("map");
  if (!box || !window.maplibregl || !window.WebGL2RenderingContext) return;
  const said = box.dataset;
  const NO_DATA = { type: "FeatureCollection", features: [] };

  function steps(track) {
    // One line for each step, with its speed; what lies between two pieces is not known.
    const known = [], unknown = [];
    let before = null;
    for (const piece of track.features) {
      const points = piece.geometry.type === "Point" ? [piece.geometry.coordinates] : piece.geometry.coordinates;
      if (before) unknown.push(line([before, points[0]], {}));
      for (let at = 1; at < points.length; at += 1) {
        known.push(line([points[at - 1], points[at]], { speed: piece.properties.speeds_dkmh[at - 1] / 10, time: piece.properties.times[at] }));
      }
      before = points[points.length - 1];
    }
    return [{ type: "FeatureCollection", features: known }, { type: "FeatureCollection", features: unknown }];
  }

  function line(coordinates, properties) {
    return { type: "Feature", properties, geometry: { type: "LineString", coordinates } };
  }

  function dot(name, colour) {
    const mark = document.createElement("div");
    mark.className = `mark ${colour}`;
    mark.textContent = name;
    mark.setAttribute("aria-label", name);
    return mark;
  }

  async function json(path) {
    const answer = await fetch(path, { credentials: "same-origin", headers: { Accept: "application/geo+json, application/json" } });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.json();
  }

  async function draw() {
    const track = await json(`/api/v1/vehicles/${said.plate}/tracks/${said.day}?tolerance_m=${said.tolerance}`);
    const points = track.features.flatMap((one) => one.geometry.type === "Point" ? [one.geometry.coordinates] : one.geometry.coordinates);
    if (!points.length) return;
    const bounds = points.reduce((all, one) => all.extend(one), new maplibregl.LngLatBounds(points[0], points[0]));
    const [west, south, east, north] = [bounds.getWest() - 0.1, bounds.getSouth() - 0.1, bounds.getEast() + 0.1, bounds.getNorth() + 0.1];
    const roads = await json(`/map/roads?west=${west}&south=${south}&east=${east}&north=${north}`).catch(() => NO_DATA);
    const [known, unknown] = steps(track);
    const still = box.firstElementChild;
    const ground = document.createElement("div");
    ground.className = "map";
    box.append(ground);
    maplibregl.setWorkerUrl(said.worker);
    let map;
    try {
      map = new maplibregl.Map({
        container: ground, bounds, fitBoundsOptions: { padding: 40, maxZoom: 15 }, attributionControl: false, dragRotate: false,
        cooperativeGestures: false, maxZoom: 18,
        locale: { "NavigationControl.ZoomIn": said.zoomIn, "NavigationControl.ZoomOut": said.zoomOut, "Map.Title": said.title },
        style: {
          version: 8,
          sources: {
            roads: { type: "geojson", data: roads }, known: { type: "geojson", data: known }, unknown: { type: "geojson", data: unknown },
          },
          layers: [
            { id: "ground", type: "background", paint: { "background-color": "#f5f6f4" } },
            { id: "road-edge", type: "line", source: "roads", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": "#c9d0d8", "line-width": 8 } },
            { id: "road", type: "line", source: "roads", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": "#ffffff", "line-width": 5.5 } },
            { id: "unknown", type: "line", source: "unknown", paint: { "line-color": "#444", "line-width": 1.6, "line-dasharray": [4, 3] } },
            { id: "known", type: "line", source: "known", layout: { "line-cap": "round", "line-join": "round" }, paint: {
              "line-color": ["step", ["get", "speed"], "#3f7fbf", 40, "#1b4f86", 60, "#d9820a", 80, "#9c1020"],
              "line-width": ["step", ["get", "speed"], 3, 80, 5],
            } },
          ],
        },
      });
    } catch (error) {
      ground.remove();
      console.info("the map stays a drawing", error);
      return;
    }
    map.touchZoomRotate.disableRotation();
    map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
    map.addControl(new maplibregl.ScaleControl({ maxWidth: 120 }), "bottom-left");
    new maplibregl.Marker({ element: dot(said.start, "first"), anchor: "bottom" }).setLngLat(points[0]).addTo(map);
    new maplibregl.Marker({ element: dot(said.end, "last"), anchor: "bottom" }).setLngLat(points[points.length - 1]).addTo(map);
    map.once("load", () => {
      still.classList.add("print-only");
      document.getElementById("map-legend").hidden = false;
      box.dataset.ready = "yes";
    });
  }

  draw().catch((error) => console.info("the map stays a drawing", error));
})();
