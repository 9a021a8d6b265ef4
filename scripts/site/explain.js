// The page, and within it the worker that runs Python: one file for both.
//
// The worker is started from a blob, as such a worker has the page's Content-Security-Policy, on
// every host: one of its own address would have what that host sends with it, which may be none.

const PAUSE = 150; // milliseconds after the last key before the text is read

if (globalThis.document) {
  startPage();
} else {
  startWorker();
}

function startPage() {
  const find = (id) => document.getElementById(id);
  const box = find("box");
  const words = (name) => find(`w-${name}`).querySelector(`:lang(${language()})`).textContent;
  let isReady = false;
  let isBusy = false;
  let isChanged = false; // since the worker was asked
  let last = null; // the answer that is shown
  let timer;

  function language() {
    return document.documentElement.lang === "en" ? "en" : "zh";
  }

  function chosenLanguage() {
    const named = new URLSearchParams(location.search).get("lang") ?? navigator.language;
    return named.toLowerCase().startsWith("zh") ? "zh" : "en";
  }

  function setLanguage(name) {
    document.documentElement.lang = name === "zh" ? "zh-Hans" : "en";
    const title = document.querySelector("title");
    title.textContent = title.dataset[name];
    for (const link of document.querySelectorAll("[data-language]")) {
      if (link.dataset.language === name) {
        link.setAttribute("aria-current", "true");
      } else {
        link.removeAttribute("aria-current");
      }
    }
  }

  function setTheme(name) {
    document.documentElement.dataset.theme = name;
  }

  function isDark() {
    const theme = document.documentElement.dataset.theme;
    return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  // One text is with the worker at a time; of those typed meanwhile only the last is read.
  function ask() {
    clearTimeout(timer);
    if (!isReady || isBusy) {
      isChanged = true;
      return;
    }
    isChanged = false;
    if (!box.value.trim()) {
      show(null);
      return;
    }
    isBusy = true;
    find("report").setAttribute("aria-busy", "true");
    if (!last) {
      find("report").hidden = false;
      find("status").textContent = words("reading");
    }
    worker.postMessage({ text: box.value, language: language() });
  }

  function take({ data }) {
    if (data.loaded !== undefined) {
      find("progress").value = Math.min(1, data.loaded / Number(document.body.dataset.bytes));
    } else if (data.failed) {
      fail();
    } else if (data.ready) {
      isReady = true;
      find("loading").hidden = true;
      ask();
    } else {
      isBusy = false;
      find("report").setAttribute("aria-busy", "false");
      if (isChanged) {
        ask();
      } else {
        show(JSON.parse(data.answer));
      }
    }
  }

  function fail() {
    find("loading").hidden = true;
    find("too-old").hidden = false;
  }

  function show(answer) {
    last = answer;
    find("report").hidden = !answer;
    find("copied").textContent = "";
    find("errors").replaceChildren();
    if (!answer) {
      return;
    }
    const { errors, notes, markdown } = answer;
    find("copying").hidden = !markdown;
    const titles = errors.map((error) => error.title).join("; ");
    find("status").textContent = errors.length
      ? `${words("found")} ${errors.length} (${titles})`
      : words("found_none");
    find("errors").append(...errors.map(drawn), ...notes.map((note) => made("p", note)));
  }

  // Every text is put in as text: what was pasted is never read as markup.
  function made(tag, text, inside = []) {
    const element = document.createElement(tag);
    element.textContent = text;
    element.append(...inside);
    return element;
  }

  // What stands between two backticks is a command.
  function spans(text) {
    return text.split("`").map((part, at) => (at % 2 ? made("code", part) : part));
  }

  function drawn(error) {
    const facts = error.facts.flatMap((fact) => {
      const value = made("dd", fact.text);
      value.dataset.fact = fact.name;
      return [made("dt", fact.label), value];
    });
    const sections = error.sections.flatMap((section) => {
      const lead = made("p", section.lead);
      lead.className = "lead";
      const items = section.items.map((item) => made("li", "", spans(item)));
      const list = made(section.is_ordered ? "ol" : "ul", "", items);
      return [made("h4", section.title), ...(section.lead ? [lead] : []), list];
    });
    const article = made("article", "", [made("h3", error.title), made("dl", "", facts), ...sections]);
    article.dataset.kind = error.kind;
    return article;
  }

  async function copy() {
    let isCopied = true;
    try {
      await navigator.clipboard.writeText(last.markdown);
    } catch {
      isCopied = copyBySelection(last.markdown);
    }
    find("copied").textContent = words(isCopied ? "copied" : "not_copied");
  }

  // Where the page is not served by https, browsers have no clipboard but the selection's.
  function copyBySelection(text) {
    const area = made("textarea", text);
    document.body.append(area);
    area.select();
    const isCopied = document.execCommand("copy");
    area.remove();
    find("copy").focus();
    return isCopied;
  }

  function search() {
    const parts = find("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of document.querySelectorAll("tbody tr")) {
      const text = row.textContent.toLowerCase();
      row.hidden = !parts.every((part) => text.includes(part));
      shown += row.hidden ? 0 : 1;
    }
    find("shown").textContent = shown;
  }

  function listen() {
    box.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE);
    });
    for (const button of document.querySelectorAll("[data-text]")) {
      button.addEventListener("click", () => {
        box.value = button.dataset.text;
        ask();
      });
    }
    find("clear").addEventListener("click", () => {
      box.value = "";
      box.focus();
      ask();
    });
    find("copy").addEventListener("click", copy);
    find("search").addEventListener("input", search);
    find("theme").addEventListener("click", () => setTheme(isDark() ? "light" : "dark"));
    for (const link of document.querySelectorAll("[data-language]")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        history.replaceState(null, "", link.getAttribute("href") + location.hash);
        setLanguage(link.dataset.language);
        ask();
      });
    }
  }

  setLanguage(chosenLanguage());
  listen();
  const own = JSON.stringify(import.meta.url);
  const start = `import(${own}).catch((error) => postMessage({ failed: String(error) }));`;
  const address = URL.createObjectURL(new Blob([start], { type: "text/javascript" }));
  const worker = new Worker(address, { type: "module" });
  worker.addEventListener("message", take);
  worker.addEventListener("error", fail);
}

async function startWorker() {
  const here = new URL(".", import.meta.url);
  let explain;
  const waiting = [];
  addEventListener("message", ({ data }) => (explain ? answer(data) : waiting.push(data)));

  function answer({ text, language }) {
    // Half a character is no text: it becomes the sign for what cannot be read.
    postMessage({ answer: explain(text.toWellFormed?.() ?? text, language) });
  }

  // Counts what arrives, for the progress bar, and tells what does not: Pyodide would wait for ever.
  const fetched = globalThis.fetch;
  let loaded = 0;
  globalThis.fetch = async (...request) => {
    const response = await fetched(...request).catch((error) => {
      postMessage({ failed: String(error) });
      throw error;
    });
    if (!response.ok) {
      postMessage({ failed: `${response.url}: ${response.status}` });
      return response;
    }
    const count = new TransformStream({
      transform(chunk, controller) {
        loaded += chunk.byteLength;
        postMessage({ loaded });
        controller.enqueue(chunk);
      },
    });
    return new Response(response.body.pipeThrough(count), response);
  };

  try {
    const { loadPyodide } = await import(new URL("pyodide/pyodide.mjs", here));
    const python = await loadPyodide({ indexURL: new URL("pyodide/", here).href });
    const sources = await (await fetch(new URL("explain.zip", here))).arrayBuffer();
    python.unpackArchive(sources, "zip", { extractDir: "/explain" });
    python.runPython("import sys; sys.path.insert(0, '/explain')");
    explain = python.pyimport("cli.explain.page").explain;
    postMessage({ ready: true });
    waiting.forEach(answer);
  } catch (error) {
    postMessage({ failed: String(error) });
  }
}
