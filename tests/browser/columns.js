// Tables of which a column is out of sight: for each, how far, and whether its frame says that there is more.
() => {
  const found = [];
  for (const table of document.querySelectorAll("main table")) {
    if (!table.checkVisibility({ visibilityProperty: true })) continue;
    const frame = table.closest(".scroll");
    const edge = Math.min(innerWidth, frame ? frame.getBoundingClientRect().left + frame.clientWidth : innerWidth);
    let beyond = 0, column = "";
    for (const cell of table.querySelectorAll("th, td")) {
      const box = cell.getBoundingClientRect();
      if (!box.width || getComputedStyle(cell.closest("thead") || cell).clipPath !== "none") continue;
      if (box.right - edge > beyond) { beyond = box.right - edge; column = cell.textContent.trim().slice(0, 30); }
    }
    if (beyond <= 1) continue;
    const style = frame && getComputedStyle(frame);
    const hint = frame && style.overflowX === "auto" && frame.tabIndex === 0 && frame.getAttribute("role") === "region"
      && style.backgroundAttachment.includes("local") && style.backgroundAttachment.includes("scroll");
    found.push([Math.round(beyond), column, Boolean(hint)]);
  }
  return found;
}
