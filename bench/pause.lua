-- For wrk: each connection rests for some milliseconds before its next request. Usage: wrk -s pause.lua URL -- 4
local pause = 0

function init(args)
  pause = tonumber(args[1])
end

function delay()
  return pause
end
