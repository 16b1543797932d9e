// Copyright 2026 the pystd authors. MIT license.

/**
 * The script of the listing that uploads files. It sends chosen or dropped
 * files one after the other with `PUT`. Each can be cancelled. An interrupted
 * upload resumes, also after a reload. A pasted picture or text is uploaded
 * after a dialog has asked for its name.
 *
 * Part of the listing's script: `find`, `make` and `refresh` are defined there.
 *
 * @module
 */

/** The script. Its comments are part of the page. */
export const UPLOAD_SCRIPT = `
const form = find("#upload");
const ASKED_FIRST = 1 << 20;
const LONGEST_WAIT = 15000;
/** Another thread still waits for the connection that broke. */
const BUSY = 503;
const list = make("ul", { id: "queue" });
list.setAttribute("aria-label", "Uploads");
const overall = make("span", {});
const clear = make("button", { type: "button", textContent: "Clear" });
const panel = make("section", { id: "uploads", hidden: true },
  make("p", {}, overall, clear), list);
const spoken = make("p", { className: "spoken" });
spoken.setAttribute("role", "status");
find("header").append(panel, spoken);
const jobs = new Set();
const waiting = [];
let busy = false;

/** Shows how far all uploads are; a screen reader says it. */
function summarize(news = "") {
  const count = (state) =>
    [...jobs].filter((job) => job.state === state).length;
  const failed = count("failed");
  overall.textContent = count("done") + " of " + jobs.size + " uploaded" +
    (failed === 0 ? "" : ", " + failed + " failed");
  spoken.textContent = news + overall.textContent;
  panel.hidden = list.children.length === 0;
}
clear.addEventListener("click", () => {
  for (const job of jobs) {
    if (job.state === "waiting" || job.state === "sending") continue;
    job.row.remove();
    jobs.delete(job);
  }
  for (const row of list.querySelectorAll(".left-out")) row.remove();
  summarize();
});

function sizeText(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  for (; bytes >= 1000 && unit < 4; unit++) bytes /= 1000;
  return bytes.toFixed(unit > 0 && bytes < 10 ? 1 : 0) + " " + units[unit];
}

function timeText(seconds) {
  if (seconds < 60) return Math.ceil(seconds) + " s";
  if (seconds < 3600) return Math.ceil(seconds / 60) + " min";
  return (seconds / 3600).toFixed(1) + " h";
}

const encode = (path) => path.split("/").map(encodeURIComponent).join("/");

/** Stays the same for a file after a reload. */
function idOf(path, file) {
  let a = 0x811c9dc5, b = 0x9747b28c;
  for (const c of location.pathname + path + "\\0" + file.size + "\\0" +
    file.lastModified) {
    a = Math.imul(a ^ c.codePointAt(0), 0x01000193);
    b = Math.imul(b ^ c.codePointAt(0), 0x85ebca6b);
  }
  return [a, b].map((n) => (n >>> 0).toString(16).padStart(8, "0")).join("");
}

/** A PUT; resolves to its answer, with status 0 if the connection broke. */
function put(job, body, headers) {
  return new Promise((resolve) => {
    const request = job.request = new XMLHttpRequest();
    const from = job.offset;
    request.open("PUT", job.url + (job.path.includes("/") ? "?parents" : ""));
    request.setRequestHeader("Accept", "application/json");
    for (const [name, value] of Object.entries(headers)) {
      request.setRequestHeader(name, value);
    }
    if (body.size > 0) {
      request.upload.onprogress = ({ loaded }) => show(job, from + loaded);
    }
    request.onloadend = () => {
      let message = "";
      try { message = JSON.parse(request.responseText).error.message; }
      catch { message = request.statusText; }
      const offset = request.getResponseHeader("Upload-Offset");
      resolve({ status: request.status, message,
        offset: offset === null ? undefined : Number(offset) });
    };
    request.send(body);
  });
}

/** Shows percent, the speed of the last seconds, and the time left. */
function show(job, offset) {
  const { size } = job.file;
  const now = performance.now();
  job.marks = (job.marks ?? []).filter(([time, from]) =>
    now - time < 5000 && from <= offset);
  job.marks.push([now, offset]);
  const [then, from] = job.marks[0];
  const speed = 1000 * (offset - from) / (now - then);
  const percent = Math.floor(100 * offset / (size || 1)) + " %";
  job.bar.max = size || 1;
  job.bar.value = size ? offset : 1;
  job.bar.textContent = percent;
  job.note.textContent = percent + (now - then > 500 && speed > 0
    ? ", " + sizeText(speed) + "/s, " + timeText((size - offset) / speed) +
      " left" : "");
}

function end(job, problem) {
  job.bar.remove();
  job.button.textContent = "Retry";
  job.button.onclick = () => queue(job);
  job.button.hidden = problem === undefined;
  job.state = problem === undefined ? "done"
    : job.cancelled ? "cancelled" : "failed";
  job.note.textContent = problem ?? "done";
  job.note.classList.toggle("bad", problem !== undefined);
  summarize(job.path + ": " + job.note.textContent + ". ");
  return problem === undefined;
}

const pause = (job, ms) => new Promise((resolve) => {
  const timer = setTimeout(resolve, ms);
  job.wake = () => { clearTimeout(timer); resolve(); };
});

async function send(job) {
  const { file } = job;
  job.state = "sending";
  job.note.textContent = "";
  const total = file.size;
  const named = { "Upload-Id": idOf(job.path, file) };
  let ask = total >= ASKED_FIRST;
  for (let tries = 0; !job.cancelled;) {
    if (ask) {
      const answer = await put(job, new Blob(),
        { ...named, "Content-Range": "bytes */" + total });
      if (answer.status === 204) {
        job.offset = answer.offset ?? 0;
        ask = false;
        show(job, job.offset);
      } else if (answer.status !== 0 && answer.status !== BUSY) {
        return end(job, answer.message || "Refused: " + answer.status);
      }
    }
    if (!ask && !job.cancelled) {
      const time = { "X-OC-Mtime": Math.floor(file.lastModified / 1000) };
      const ranged = total === 0 ? time : { ...named, ...time,
        "Content-Range":
        "bytes " + job.offset + "-" + (total - 1) + "/" + total };
      const answer = await put(job, file.slice(job.offset), ranged);
      if (answer.status === 200 || answer.status === 201) return end(job);
      if (answer.offset !== undefined && answer.offset > job.offset) tries = 0;
      if (answer.status !== 0 && answer.status !== BUSY &&
        answer.offset === undefined) {
        return end(job, answer.message || "Refused: " + answer.status);
      }
      ask = total > 0;
    }
    if (job.cancelled) break;
    job.note.textContent = "interrupted, retrying";
    await pause(job, Math.min(500 * 2 ** tries++, LONGEST_WAIT));
  }
  // At least twice: the aborted request may reach the server after this one.
  for (let tries = 0; total > 0 && tries < 5; tries++) {
    const { status } = await put(job, new Blob(), { ...named,
      "Upload-Cancel": "?1", "Content-Range": "bytes */" + total });
    if (tries > 0 && status !== 0 && status !== BUSY) break;
    await pause(job, 400 * 2 ** tries);
  }
  return end(job, "cancelled");
}

async function work() {
  if (busy) return;
  busy = true;
  let saved = false;
  for (let job; (job = waiting.shift());) {
    if (await send(job)) saved = true;
  }
  busy = false;
  if (saved) await refresh();
}

/** Files that macOS adds to folders. */
const SYSTEM_FILE = /(?:^|\\/)(?:\\.DS_Store|\\._[^/]*|\\.localized)$/;

function add(path, file) {
  const row = make("li", {}, make("bdi", { textContent: path }));
  list.append(row);
  if (SYSTEM_FILE.test(path)) {
    row.className = "left-out";
    row.append(make("span", { textContent: "left out: a system file" }));
    return summarize();
  }
  const job = { path, file, row, url: location.pathname + encode(path),
    note: make("span", {}), button: make("button", { type: "button" }) };
  row.append(job.note, job.button);
  jobs.add(job);
  queue(job);
}

function queue(job) {
  Object.assign(job, { state: "waiting", cancelled: false, offset: 0,
    marks: [], bar: make("progress", { value: 0 }) });
  job.bar.setAttribute("aria-label", job.path);
  find("bdi", job.row).after(job.bar);
  job.note.textContent = "waiting";
  job.note.className = "";
  job.button.textContent = "Cancel";
  job.button.onclick = () => {
    job.cancelled = true;
    job.request?.abort();
    job.wake?.();
  };
  waiting.push(job);
  summarize();
  work();
}

/** Adds all files of a dropped entry and of its subfolders. */
async function walk(entry, path) {
  if (entry.isFile) {
    add(path, await new Promise((resolve, reject) =>
      entry.file(resolve, reject)));
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) =>
      reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const next of some) await walk(next, path + "/" + next.name);
  }
}

const input = find("[type=file]", form);
const take = (from) => {
  for (const file of from.files) add(file.webkitRelativePath || file.name, file);
  from.value = "";
};
input.addEventListener("change", () => take(input));
const folder = make("input", { type: "file", webkitdirectory: true });
folder.addEventListener("change", () => take(folder));
input.hidden = folder.hidden = true;
const opens = (chooser, textContent) => {
  const button = make("button", { type: "button", textContent });
  button.addEventListener("click", () => chooser.click());
  return button;
};
form.replaceChildren(input, folder, opens(input, "Upload files"),
  opens(folder, "Upload a folder"));

/** What was pasted, until the dialog has a name for it. */
let pasted;
const nameField = make("input", { required: true, spellcheck: false });
const dialog = make("dialog", {}, make("form", { method: "dialog" },
  make("label", {}, "Save what you pasted as", nameField),
  make("button", { value: "save", textContent: "Upload" }),
  make("button", { textContent: "Cancel", formNoValidate: true })));
dialog.addEventListener("close", () => {
  if (dialog.returnValue === "save") add(nameField.value, pasted);
});
document.body.append(dialog);

addEventListener("paste", (event) => {
  if (event.target.closest?.("input, textarea, dialog")) return;
  const { clipboardData } = event;
  const files = [...clipboardData.files];
  const text = clipboardData.getData("text/plain");
  // Browsers give a copied picture this name; copied files keep theirs.
  const [picture] = files.filter(({ name }) => name === "image.png");
  if (picture || (files.length === 0 && text !== "")) {
    event.preventDefault();
    pasted = picture ?? new File([text], "text.txt");
    const now = new Date();
    now.setMinutes(now.getMinutes() - now.getTimezoneOffset());
    nameField.value = (picture ? "picture " : "text ") + now.toISOString()
      .slice(0, 19).replace("T", " ").replaceAll(":", ".") +
      (picture ? ".png" : ".txt");
    dialog.returnValue = "";
    dialog.showModal();
    nameField.setSelectionRange(0, nameField.value.length - 4);
  } else take({ files });
});

const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
addEventListener("dragover", (event) => {
  if (!holdsFiles(event)) return;
  event.preventDefault();
  document.body.classList.add("drop");
});
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.body.classList.remove("drop");
});
addEventListener("drop", async (event) => {
  document.body.classList.remove("drop");
  if (!holdsFiles(event)) return;
  event.preventDefault();
  const entries = [...event.dataTransfer.items]
    .map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (entries.length === 0) return take({ files: event.dataTransfer.files });
  for (const entry of entries) await walk(entry, entry.name);
});
addEventListener("beforeunload", (event) => {
  if (busy) event.preventDefault();
});
`;
