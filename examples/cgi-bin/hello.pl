#!/usr/bin/env perl
# Greets the name in the query or the form:
#
#     curl 'http://localhost:8000/cgi-bin/hello.pl?name=Ada'
#     curl -d name=Ada http://localhost:8000/cgi-bin/hello.pl

use strict;
use warnings;

my $form = $ENV{QUERY_STRING};
if ($ENV{REQUEST_METHOD} eq 'POST') {
    read STDIN, $form, $ENV{CONTENT_LENGTH} // 0;
}

my %fields;
for (split /&/, $form) {
    my ($name, $value) = map { tr/+/ /; s/%([0-9A-Fa-f]{2})/chr hex $1/ger }
        split /=/, $_, 2;
    $fields{$name} = $value if defined $value;
}

my %entities = ('&' => '&amp;', '<' => '&lt;', '>' => '&gt;', '"' => '&quot;');
my $name = ($fields{name} // 'stranger') =~ s/([&<>"])/$entities{$1}/gr;

print "Content-Type: text/html; charset=utf-8\n\n";
print "<!DOCTYPE html>\n<p>Hello, $name!\n";
