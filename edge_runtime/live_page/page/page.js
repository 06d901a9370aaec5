// The live page: asks for a frame, draws it, asks for the next. Its pace is its own.
"use strict";

const POINTS = 520, IBUG68 = 68;
const POINT_BYTES = POINTS * 2 * 4 + POINTS;
const LATE_S = 2, RETRY_MS = 2000, READ_ALOUD_MS = 1000, NOTICE_MS = 8000;
const SKIN = "#46e1ff", IBUG = "#ffc828", RIM = "rgba(10,20,30,.75)";
const GROUPS = [["Brows", "brow"], ["Eyes", "eye"], ["Cheeks", "cheek"], ["Nose", "nose"],
  ["Jaw", "jaw"], ["Mouth", "mouth"]];

const $ = id => document.getElementById(id);
const canvas = $("picture"), pen = canvas.getContext("2d");
let socket, hello = null, shown = null, chosen = null, lastRead = 0, noticeTimer = 0;
let state = "waiting", hasEnded = false;
const meters = new Map();

// ---------------------------------------------------------------- the connection

function connect() {
  const where = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`;
  socket = new WebSocket(where + location.search);
  socket.binaryType = "arraybuffer";
  socket.onmessage = event =>
    typeof event.data === "string" ? hear(JSON.parse(event.data)) : receive(event.data);
  socket.onclose = event => {
    $("save").disabled = true;
    setState(hasEnded ? "ended" : "lost", hasEnded ? "Ended" : "No connection");
    if (event.code === 1013) notify("As many browsers look on as face520-run lets in.");
    else if (!hasEnded) notify("No connection to face520-run. Trying again; after a restart the link may be another.");
    setTimeout(connect, RETRY_MS);
  };
}

function hear(word) {
  const answers = {
    hello: () => {
      hello = word;
      hasEnded = false;
      $("model").textContent = `${word.stem} · ${word.model}`;
      document.title = `face520 · ${word.stem}`;
      if (!document.querySelector("#styles :checked"))
        document.querySelector(`#styles [value="${word.style}"]`).checked = true;
      setState("waiting", "Waiting");
      $("notice").hidden = true;
      socket.send("next");
    },
    notice: () => notify(word.text),
    pulse: () => pulse(word),
    saved: () => say(`Saved on the machine: ${word.files.join(" and ")}`, false),
    failed: () => say(word.text, true),
    ended: () => { hasEnded = true; notify($("notice").hidden ? "face520-run has ended." : $("notice").textContent); },
  };
  answers[word.kind]?.();
}

async function receive(buffer) {
  const head = readMessage(buffer);
  const bitmap = await createImageBitmap(new Blob([head.jpeg], {type: "image/jpeg"}));
  requestAnimationFrame(() => {
    shown?.bitmap.close();
    shown = {...head, bitmap};
    draw();
    $("veil").hidden = true;
    setState("live", "Live");
    $("save").disabled = false;
    showValues(shown.faces);
    if (socket.readyState === WebSocket.OPEN) socket.send("next");
  });
}

function readMessage(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  let at = 4 + length;
  for (const face of head.faces) {
    face.points = new Float32Array(buffer, at, POINTS * 2);
    face.visibility = new Uint8Array(buffer, at + POINTS * 8, POINTS);
    at += POINT_BYTES;
  }
  return {...head, jpeg: new Uint8Array(buffer, at)};
}

// ---------------------------------------------------------------- the picture

function draw() {
  if (!shown) return;
  const frame = $("frame");
  frame.style.aspectRatio = `${shown.width} / ${shown.height}`;
  const scale = Math.max(1, canvas.clientWidth / shown.width * devicePixelRatio);
  const width = Math.round(shown.width * scale), height = Math.round(shown.height * scale);
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.drawImage(shown.bitmap, 0, 0, shown.width, shown.height);
  const style = document.querySelector("#styles :checked")?.value;
  for (const face of shown.faces) {
    const size = Math.max(face.box.right - face.box.left, face.box.bottom - face.box.top);
    // Pixel centres are at integers; a canvas counts from the corners.
    const at = number => [face.points[2 * number] + .5, face.points[2 * number + 1] + .5];
    if (style === "points") drawPoints(face, at, Math.max(.006 * size, .9 / scale));
    if (style === "contours") drawContours(at, Math.max(.007 * size, 1.4 / scale));
    if (style === "mesh") drawMesh(at, Math.max(.0025 * size, .8 / scale));
  }
}

function drawPoints(face, at, radius) {
  for (const [first, last, color] of [[IBUG68, POINTS, SKIN], [0, IBUG68, IBUG]]) {
    for (const isSeen of [false, true]) {
      pen.beginPath();
      for (let number = first; number < last; number++) {
        if (face.visibility[number] > 127 !== isSeen) continue;
        const [x, y] = at(number);
        pen.moveTo(x + radius, y);
        pen.arc(x, y, radius, 0, 7);
      }
      pen.globalAlpha = isSeen ? 1 : .6;
      pen.lineWidth = radius * (isSeen ? .8 : .5);
      pen.strokeStyle = isSeen ? RIM : color;
      pen.stroke();
      pen.fillStyle = color;
      if (isSeen) pen.fill();
    }
  }
  pen.globalAlpha = 1;
}

function drawContours(at, width) {
  pen.beginPath();
  for (const line of hello.contours)
    line.forEach((number, place) => place ? pen.lineTo(...at(number)) : pen.moveTo(...at(number)));
  pen.lineJoin = pen.lineCap = "round";
  for (const [color, thickness] of [[RIM, 2.2 * width], [IBUG, width]]) {
    pen.strokeStyle = color;
    pen.lineWidth = thickness;
    pen.stroke();
  }
}

function drawMesh(at, width) {
  pen.beginPath();
  for (let end = 0; end < hello.edges.length; end += 2) {
    pen.moveTo(...at(hello.edges[end]));
    pen.lineTo(...at(hello.edges[end + 1]));
  }
  pen.globalAlpha = .6;
  pen.strokeStyle = SKIN;
  pen.lineWidth = width;
  pen.stroke();
  pen.globalAlpha = 1;
}

// ---------------------------------------------------------------- what the face does

function showValues(faces) {
  const ids = faces.map(face => face.track_id ?? 0);
  if (!ids.includes(chosen)) chosen = ids.length ? Math.min(...ids) : null;
  chooseFrom(ids);
  const face = faces[ids.indexOf(chosen)];
  $("somebody").hidden = !face;
  $("nobody").hidden = Boolean(face);
  const readAloud = performance.now() - lastRead > READ_ALOUD_MS;
  if (readAloud) {
    lastRead = performance.now();
    canvas.setAttribute("aria-label", describe(faces.length, face));
  }
  if (!face) return;
  const {yaw_deg: yaw, pitch_deg: pitch, roll_deg: roll} = face.pose;
  for (const [name, angle] of [["Yaw", yaw], ["Pitch", pitch], ["Roll", roll]])
    meter($("pose"), name, {min: -90, max: 90, unit: "°", centred: true}, angle, readAloud);
  const open = face.openings;
  meter($("openings"), "Their right eye", {}, open.right_eye, readAloud);
  meter($("openings"), "Their left eye", {}, open.left_eye, readAloud);
  meter($("openings"), "Mouth", {}, open.mouth, readAloud);
  $("mask").style.transform = `perspective(420px) rotateZ(${roll}deg) rotateY(${yaw}deg) rotateX(${pitch}deg)`;
  for (const [part, value, most] of [["right", open.right_eye, 10], ["left", open.left_eye, 10], ["mouth", open.mouth, 15]])
    $(`mask-${part}`).setAttribute("ry", 1.2 + most * Math.min(1, Math.max(0, value)));
  showBlinking(face.blinking);
  showShapes(face.expression, readAloud);
}

function describe(count, face) {
  if (!face) return "Live picture without a face";
  const {yaw_deg: yaw, pitch_deg: pitch} = face.pose;
  const sideways = Math.abs(yaw) < 10 ? "straight" : `${Math.round(Math.abs(yaw))} degrees to the ${yaw > 0 ? "right" : "left"}`;
  const upward = Math.abs(pitch) < 15 ? "" : pitch > 0 ? ", up" : ", down";
  return `Live picture, ${count} ${count === 1 ? "face" : "faces"}; the chosen one looks ${sideways}${upward}`;
}

function chooseFrom(ids) {
  const box = $("faces");
  box.hidden = ids.length < 2;
  const wanted = ids.join();
  if (box.dataset.ids === wanted) return;
  box.dataset.ids = wanted;
  box.querySelectorAll("label").forEach(label => label.remove());
  for (const id of [...ids].sort((a, b) => a - b)) {
    const label = document.createElement("label"), input = document.createElement("input");
    Object.assign(input, {type: "radio", name: "face", value: id, checked: id === chosen});
    input.onchange = () => { chosen = id; showValues(shown.faces); };
    const text = document.createElement("span");
    text.textContent = `Face ${id + 1}`;
    label.append(input, text);
    box.append(label);
  }
}

// A row with a bar of its own; made when it is first shown.
function meter(parent, name, {min = 0, max = 1, unit = "", centred = false}, value, readAloud) {
  let row = meters.get(name);
  if (!row) {
    const element = document.createElement("div");
    element.className = "row";
    element.innerHTML = '<span class="name"></span><span class="tracks"><span class="track" role="meter"><span class="fill"></span></span></span><output aria-hidden="true"></output>';
    element.querySelector(".name").textContent = name;
    const track = element.querySelector(".track");
    if (centred) track.classList.add("centred");
    for (const [key, text] of [["label", name], ["valuemin", min], ["valuemax", max]]) track.setAttribute(`aria-${key}`, text);
    parent.append(element);
    row = {track, fill: element.querySelector(".fill"), output: element.querySelector("output")};
    meters.set(name, row);
  }
  const inside = Math.min(max, Math.max(min, value));
  row.fill.style.transform = `scaleX(${centred ? inside / max : (inside - min) / (max - min)})`;
  row.output.textContent = unit ? `${value.toFixed(0)}${unit}` : `${Math.round(100 * value)} %`;
  if (readAloud) row.track.setAttribute("aria-valuenow", inside.toFixed(2));
}

function showShapes(expression, readAloud) {
  $("no-shapes").hidden = Boolean(expression);
  if (!expression) return;
  if (!$("shapes").childElementCount) makeShapes(expression);
  for (const [name, value] of Object.entries(expression)) {
    const bar = meters.get(`shape ${name}`);
    if (!bar || value === null) continue;
    bar.fill.style.transform = `scaleX(${value})`;
    if (readAloud) bar.track.setAttribute("aria-valuenow", value.toFixed(2));
  }
}

function makeShapes(expression) {
  const known = Object.keys(expression).filter(name => expression[name] !== null);
  for (const [title, prefix] of GROUPS) {
    const names = known.filter(name => name.startsWith(prefix));
    const bases = [...new Set(names.map(name => name.replace(/(Left|Right)$/, "")))];
    if (!bases.length) continue;
    const group = document.createElement("div"), heading = document.createElement("h3");
    heading.textContent = title;
    group.append(heading);
    for (const base of bases) group.append(shapeRow(base, prefix, names));
    $("shapes").append(group);
  }
  const unknown = [...new Set(Object.keys(expression).filter(name => expression[name] === null)
    .map(name => name.replace(/(Left|Right)$/, "")))];
  $("unknown").hidden = !unknown.length;
  $("unknown").textContent = `Not known by this model: ${unknown.join(", ")}.`;
  $("sides").hidden = false;
}

function shapeRow(base, prefix, names) {
  const row = document.createElement("div"), label = document.createElement("span"), tracks = document.createElement("span");
  row.className = "row";
  label.className = "name";
  tracks.className = "tracks";
  const words = base.slice(prefix.length).replace(/([A-Z])/g, " $1").trim().toLowerCase();
  label.textContent = words || "sideways";
  const sides = names.includes(base) ? [base] : [`${base}Right`, `${base}Left`];
  for (const name of sides) {
    const track = document.createElement("span"), fill = document.createElement("span");
    track.className = `track ${name === base ? "" : name.endsWith("Right") ? "right" : "left"}`;
    fill.className = "fill";
    track.title = name;
    for (const [key, text] of [["role", "meter"], ["aria-label", name], ["aria-valuemin", 0], ["aria-valuemax", 1]]) track.setAttribute(key, text);
    track.append(fill);
    tracks.append(track);
    meters.set(`shape ${name}`, {track, fill});
  }
  row.append(label, tracks);
  return row;
}

function showBlinking(blinking) {
  const box = $("blinking");
  box.hidden = !blinking;
  if (!blinking) return;
  const values = {blinks: blinking.blinks, yawns: blinking.yawns, "% of the time closed": Math.round(100 * blinking.perclos)};
  if (blinking.closed_ms) values["s closed now"] = (blinking.closed_ms / 1000).toFixed(1);
  box.replaceChildren(...Object.entries(values).map(([name, value]) => {
    const chip = document.createElement("div"), term = document.createElement("dt"), amount = document.createElement("dd");
    chip.className = "chip";
    term.textContent = name;
    amount.textContent = value;
    chip.append(term, amount);
    return chip;
  }));
}

// ---------------------------------------------------------------- how the machine does

function pulse({fps, age_s: age, celsius, throttled, browsers}) {
  $("fps").textContent = fps.toFixed(fps < 10 ? 1 : 0);
  show("heat", celsius !== null, celsius?.toFixed(0), celsius >= 80);
  show("throttled", throttled !== null, throttled?.length ? throttled.join(", ") : "fine", throttled?.length);
  show("browsers", browsers > 1, browsers, false);
  if (age !== null && age > LATE_S) {
    setState("lost", "No picture");
    $("veil").hidden = false;
    $("veil").textContent = `No new picture for ${Math.round(age)} s`;
  }
}

function show(name, isThere, text, isBad) {
  $(`${name}-chip`).hidden = !isThere;
  $(`${name}-chip`).classList.toggle("warn", Boolean(isBad));
  $(name).textContent = text ?? "";
}

function setState(which, text) {
  if (state === which && $("state").textContent === text) return;
  state = which;
  $("state").textContent = text;
  $("state").dataset.state = $("notice").dataset.state = which;
  $("frame").classList.toggle("lost", which === "lost" || which === "ended");
  if (which === "live") hideNoticeSoon();
}

function notify(text) {
  $("notice").textContent = text;
  $("notice").hidden = false;
  clearTimeout(noticeTimer);
  if (state === "live") hideNoticeSoon();
}

function hideNoticeSoon() {
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => { if (state === "live") $("notice").hidden = true; }, NOTICE_MS);
}

function say(text, isBad) {
  $("saved").textContent = text;
  $("saved").classList.toggle("bad", isBad);
}

$("save").onclick = () => { say("Saving …", false); socket.send("save"); };
$("styles").onchange = draw;
addEventListener("resize", draw);
connect();
