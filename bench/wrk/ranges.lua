-- Copyright 2026 the pystd authors. MIT license.
-- GETs ranges of 1 KiB at random: SIZE of the file as argument.
local requests, count = {}, 1000

function init(args)
  local size = tonumber(args[1])
  math.randomseed(42)
  for i = 1, count do
    local first = math.random(0, size - 1024)
    wrk.headers["Range"] = "bytes=" .. first .. "-" .. (first + 1023)
    requests[i] = wrk.format("GET")
  end
end

function request()
  return requests[math.random(count)]
end
