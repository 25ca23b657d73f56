// Which language is shown: chosen by the reader and remembered, else the browser's.
// The address carries it too, because some browsers remember nothing for files.
(function () {
  const root = document.documentElement;
  const asked = new URLSearchParams(location.search).get("lang");

  function remembered() {
    try {
      return localStorage.getItem("lang");
    } catch (refused) {
      return null;
    }
  }

  function remember(language) {
    try {
      localStorage.setItem("lang", language);
    } catch (refused) {
      // The address carries it.
    }
  }

  function preferred() {
    return (navigator.language || "").startsWith("zh") ? "zh" : "en";
  }

  let language = asked || remembered() || preferred();
  if (language !== "zh") language = "en";
  root.lang = language;

  function show() {
    root.lang = language;
    const title = document.querySelector("title");
    document.title = title.dataset[language];
    for (const element of document.querySelectorAll("[data-alt-zh]")) {
      element.dataset.altEn ??= element.alt;
      element.alt = language === "zh" ? element.dataset.altZh : element.dataset.altEn;
    }
    for (const element of document.querySelectorAll("[data-label-zh]")) {
      element.dataset.labelEn ??= element.getAttribute("aria-label");
      element.setAttribute("aria-label", element.dataset[language === "zh" ? "labelZh" : "labelEn"]);
    }
    for (const link of document.querySelectorAll("a[href]")) {
      const href = link.getAttribute("href");
      if (href.startsWith("#")) continue;
      const [page, place] = href.split("#");
      link.setAttribute("href", page.split("?")[0] + "?lang=" + language + (place ? "#" + place : ""));
    }
    reach();
  }

  // What is wider than its place is moved sideways: so it takes the focus, for the arrow keys.
  function reach() {
    for (const part of document.querySelectorAll(".formula, .board, .wide, .long, .code, .message")) {
      if (part.scrollWidth > part.clientWidth) part.tabIndex = 0;
      else part.removeAttribute("tabindex");
    }
  }

  function number() {
    for (const column of document.querySelectorAll("[data-lines]")) {
      const numbers = Array.from({length: column.dataset.lines}, (_, line) => line + 1);
      column.textContent = numbers.join("\n");
    }
  }

  document.addEventListener("DOMContentLoaded", function () {
    number();
    show();
    addEventListener("resize", reach);
    document.addEventListener("toggle", reach, true);
    document.getElementById("language").addEventListener("click", function () {
      language = language === "zh" ? "en" : "zh";
      remember(language);
      const address = new URL(location);
      address.searchParams.set("lang", language);
      history.replaceState(null, "", address);
      show();
    });
  });
})();
