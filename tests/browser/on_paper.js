// What a sheet shows that it should not, or does not show as it should.
() => {
  const faults = [], shown = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length > 0;
  const rgb = (text) => (text.match(/[\d.]+/g) || []).map(Number);
  for (const one of document.querySelectorAll("nav, header, button, input, form, .skip, a.button"))
    if (shown(one)) faults.push(`${one.tagName.toLowerCase()}.${one.className} is printed`);
  for (const one of document.querySelectorAll("body *")) {
    if (!shown(one) || one.closest(".unseen") || one.tagName === "CAPTION" || one.parentElement.closest("svg")) continue;
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    if (box.right > innerWidth + 1 || box.left < -1) faults.push(`${one.tagName}.${one.className.baseVal ?? one.className} sticks out: ${Math.round(box.right)}`);
    if (one.closest("svg") || one.closest("meter")) continue;
    if (one.scrollWidth > one.clientWidth + 1 && style.overflowX !== "visible" && style.display !== "inline") faults.push(`${one.tagName}.${one.className} is cut`);
    if (![...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
    if (rgb(style.color).slice(0, 3).some((part) => part > 0)) faults.push(`${style.color}: ${one.textContent.trim().slice(0, 40)}`);
    for (let at = one; at; at = at.parentElement) {
      const ground = rgb(getComputedStyle(at).backgroundColor);
      if (ground[3] !== 0 && ground.slice(0, 3).some((part) => part < 255)) faults.push(`on ${ground}: ${one.textContent.trim().slice(0, 40)}`);
    }
  }
  return [...new Set(faults)];
}
