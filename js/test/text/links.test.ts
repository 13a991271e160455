import assert from "node:assert/strict";
import { test } from "node:test";
import { checkImage, checkLink, isAllowedHref, linkSuffix } from "../../src/text/links";

test("only web and mail addresses pass", () => {
  for (const href of ["https://a.example/x", "http://a.example", "HTTPS://A.example", "mailto:a@b.example"]) {
    assert.ok(checkLink(href), href);
  }
  for (const href of [
    "javascript:alert(1)", "JAVASCRIPT:x", "java\tscript:x", " https://a.example", "data:text/html,x", "vbscript:x",
    "file:///x", "blob:x", "ftp://x", "//a.example", "/x", "x", "", "http://", "https:a.example", "http:\\\\a.example",
    "https://a.example/\u202ex", "https://a.example/ x", "https://a.example/\n", "mailto:", `https://a.example/${"x".repeat(5000)}`,
  ]) {
    assert.equal(checkLink(href), null, href);
  }
  assert.ok(isAllowedHref("#part"));
  assert.equal(checkImage("mailto:a@b.example"), null);
});

test("a long text of a link is read in one go", () => {
  const check = checkLink("https://a.example")!;
  for (const piece of ["(a", "(a.", "a.", "a@", "1.2.3.4"]) linkSuffix(check, piece.repeat(200_000));
});

test("user names, international names and other hosts are told", () => {
  const suffix = (href: string, text: string) => linkSuffix(checkLink(href)!, text);
  assert.equal(suffix("https://a.example/x", "the text"), null);
  assert.equal(suffix("https://www.a.example/x", "a.example"), null);
  assert.equal(suffix("https://a.example/x", "https://a.example/x"), null);
  assert.equal(suffix("https://a.example/x", "at https://a.example, or a.example."), null);
  assert.equal(suffix("http://localhost:8888/x", "http://localhost:8888/x"), null);
  assert.equal(suffix("https://evil.example", "bank.example"), "evil.example");
  for (const text of ["bank\u2024example", "bank\u3002example", "10.0.0.1", "http://localhost:8888", "evil.example bank.example"]) {
    assert.equal(suffix("https://evil.example", text), "evil.example", text);
  }
  assert.equal(suffix("https://bank.example@evil.example", "in"), "evil.example · holds a user name");
  assert.equal(suffix("https://@evil.example", "in"), "evil.example · holds a user name");
  assert.equal(suffix("https://аpple.com", "in"), "xn--pple-43d.com · international name");
  assert.equal(suffix("mailto:a@evil.example", "b@bank.example"), "a@evil.example");
});
