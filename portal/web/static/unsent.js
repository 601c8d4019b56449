// What is being typed is kept while it is typed, and photos are sent as soon as they are chosen, with how far they have come.
// Without this script, both go with the next button.
(function () {
  "use strict";
  var form = document.getElementById("unsent");
  if (!form || !window.FormData) return;
  var field = document.getElementById("photo-field");
  var timer = 0, changed = false, sent = false;

  function typed(photos) {
    var data = new FormData();
    Array.prototype.forEach.call(form.elements, function (one) {
      if (!one.name || one.type === "submit" || one.type === "file") return;
      if ((one.type === "radio" || one.type === "checkbox") && !one.checked) return;
      data.append(one.name, one.value);
    });
    data.append("go", "keep");
    Array.prototype.forEach.call(photos || [], function (file) { data.append("photos", file); });
    return data;
  }

  function keep() {
    clearTimeout(timer);
    if (!changed || sent) return;
    changed = false;
    if (navigator.sendBeacon) navigator.sendBeacon(form.action, typed());
  }

  function send(input) {
    var request = new XMLHttpRequest(), bar = document.createElement("progress"), said = document.createElement("p");
    said.setAttribute("role", "status");
    said.textContent = form.dataset.sending;
    bar.max = 100;
    said.appendChild(bar);
    input.parentNode.appendChild(said);
    request.upload.onprogress = function (event) {
      if (event.lengthComputable) bar.value = 100 * event.loaded / event.total;
    };
    request.onload = function () {
      if (request.status === 200) { field.innerHTML = request.responseText; } else { request.onerror(); }
    };
    request.onerror = request.ontimeout = function () {
      changed = true;
      said.className = "error";
      said.textContent = form.dataset.broken;
    };
    request.open("POST", form.action);
    request.send(typed(input.files));
    changed = false;
  }

  form.addEventListener("input", function (event) {
    if (event.target.type === "file") return;
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(keep, 1500);
  });
  form.addEventListener("change", function (event) {
    if (event.target.type === "file" && event.target.files.length) send(event.target);
  });
  form.addEventListener("submit", function () { sent = true; });
  window.addEventListener("pageshow", function () { sent = false; });
  window.addEventListener("pagehide", keep);
  document.addEventListener("visibilitychange", function () { if (document.visibilityState === "hidden") keep(); });
})();
