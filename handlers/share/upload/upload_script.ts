// Copyright 2026 the pystd authors. MIT license.

/**
 * The script of the listing that uploads files. It sends chosen or dropped
 * files one after the other with `PUT`. Each can be cancelled. An interrupted
 * upload resumes, also after a reload.
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
const list = find("#queue");
const waiting = [];
let busy = false;

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

function show(job, offset) {
  const { size } = job.file;
  job.bar.max = size || 1;
  job.bar.value = size ? offset : 1;
  job.bar.textContent = Math.floor(100 * offset / (size || 1)) + " %";
}

function end(job, problem) {
  job.bar.remove();
  job.button.remove();
  job.row.append(problem === undefined
    ? make("span", { textContent: "done" })
    : make("span", { className: "bad", textContent: problem }));
  return problem === undefined;
}

const pause = (job, ms) => new Promise((resolve) => {
  const timer = setTimeout(resolve, ms);
  job.wake = () => { clearTimeout(timer); resolve(); };
});

async function send(job) {
  const { file } = job;
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
      job.note.textContent = "";
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
  if (SYSTEM_FILE.test(path)) {
    row.append(make("span", { textContent: "left out: a system file" }));
    list.append(row);
    return;
  }
  const job = { path, file, row, offset: 0,
    url: location.pathname + encode(path),
    bar: make("progress", { value: 0 }), note: make("span", {}),
    button: make("button", { type: "button", textContent: "Cancel" }) };
  job.bar.setAttribute("aria-label", path);
  job.button.onclick = () => {
    job.cancelled = true;
    job.request?.abort();
    job.wake?.();
  };
  row.append(job.bar, job.note, job.button);
  list.append(row);
  waiting.push(job);
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
