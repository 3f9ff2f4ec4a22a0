// @ts-check
/// <reference lib="webworker" />
// The course's own Python, in Pyodide: it takes a form's fields and gives the HTML of its parts.

const here = new URL(".", import.meta.url);
const plain = self.fetch.bind(self);

/** The largest file of Pyodide is stored compressed. @type {typeof fetch} */
self.fetch = async (what, options) => {
  const address = what instanceof Request ? what.url : String(what);
  if (!address.endsWith(".wasm")) return plain(what, options);
  const { body } = await plain(`${address}.packed`, options);
  const unpacked = body?.pipeThrough(new DecompressionStream("gzip"));
  return new Response(unpacked, { headers: { "Content-Type": "application/wasm" } });
};

/** @param {string} name */
const bytes = async (name) => (await plain(new URL(name, here))).arrayBuffer();

async function started() {
  const [{ loadPyodide }, course, recorded] = await Promise.all([
    import(new URL("pyodide/pyodide.mjs", here).href),
    bytes("course.zip"),
    bytes("recorded.bin"),
  ]);
  const python = await loadPyodide();
  python.unpackArchive(course, "zip", { extractDir: "/course" });
  python.FS.writeFile("/course/recorded", new Uint8Array(recorded));
  python.runPython("import sys; sys.path.insert(0, '/course'); from lstm_lessons import paged");
  return python.runPython("paged.begun('/course/recorded')");
}

const answering = started();

self.onmessage = async ({ data: { form, key, fields } }) => {
  let why = "";
  try {
    const answer = await answering;
    for (const parts of answer(key, JSON.stringify(fields)))
      self.postMessage({ form, parts: JSON.parse(parts) });
  } catch (error) {
    why = String(error);
  }
  self.postMessage({ form, why });
};
