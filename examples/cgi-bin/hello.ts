#!/usr/bin/env -S deno run --no-config --allow-env=REQUEST_METHOD,QUERY_STRING
// Copyright 2026 the pystd authors. MIT license.

/**
 * Greets the name in the query or the form. The script runs in its own sandbox,
 * which the first line defines:
 *
 *     curl 'http://localhost:8000/cgi-bin/hello.ts?name=Ada'
 *     curl -d name=Ada http://localhost:8000/cgi-bin/hello.ts
 *
 * @module
 */

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

const form = Deno.env.get("REQUEST_METHOD") === "POST"
  ? await new Response(Deno.stdin.readable).text()
  : Deno.env.get("QUERY_STRING");

const name = new URLSearchParams(form).get("name") ?? "stranger";
const escaped = name.replace(/[&<>"]/g, (character) => ENTITIES[character]);

console.log("Content-Type: text/html; charset=utf-8\n");
console.log(`<!DOCTYPE html>\n<p>Hello, ${escaped}!`);
