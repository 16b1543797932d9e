-- Copyright 2026 the pystd authors. MIT license.
-- GETs ranges of a file at random: SIZE of the file, LENGTH as arguments.
local requests, count = {}, 1000

function init(args)
  local size, length = tonumber(args[1]), tonumber(args[2])
  math.randomseed(42)
  for i = 1, count do
    local first = math.random(0, size - length)
    wrk.headers["Range"] = string.format("bytes=%.0f-%.0f", first, first + length - 1)
    requests[i] = wrk.format("GET")
  end
end

function request()
  return requests[math.random(count)]
end
