// Where the focus is, whether one sees that it is there, and that it is inside the window.
() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const style = getComputedStyle(one), box = one.getBoundingClientRect();
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth && box.width > 0;
  window.order ??= new Map();
  if (!window.order.has(one)) window.order.set(one, window.order.size);
  return { at: window.order.get(one), name: (one.getAttribute("aria-label") || one.textContent || one.name || "").trim().slice(0, 60),
           href: one.getAttribute("href") || "", seen: ring && inside,
           how: `${style.outlineStyle} ${style.outlineWidth}, ${[box.left, box.top, box.right, box.bottom].map(Math.round)}` };
}
