#!/usr/bin/env php-cgi
<?php
// Greets the name in the query or the form:
//
//     curl 'http://localhost:8000/cgi-bin/hello.php?name=Ada'
//     curl -d name=Ada http://localhost:8000/cgi-bin/hello.php

$name = $_POST['name'] ?? $_GET['name'] ?? 'stranger';

header('Content-Type: text/html; charset=utf-8');
echo "<!DOCTYPE html>\n<p>Hello, ", htmlspecialchars($name), "!\n";
