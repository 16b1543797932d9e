-- Copyright 2026 the pystd authors. MIT license.
-- GETs the files of a directory at random: PREFIX, COUNT as arguments.
local requests, count = {}, 0

function init(args)
  local prefix = args[1]
  count = tonumber(args[2])
  for i = 1, count do
    requests[i] = wrk.format("GET", prefix .. (i - 1) .. ".txt")
  end
  math.randomseed(42)
end

function request()
  return requests[math.random(count)]
end
