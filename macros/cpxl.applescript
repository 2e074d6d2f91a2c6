-- What Excel for Mac starts Python with, which it may not do itself. It does not wait: Python gives Excel orders.
on Press(parameters)
	set text item delimiters to "|"
	set {interpreter, button} to text items of parameters
	do shell script quoted form of interpreter & " -B -P -m cpxl.addin " & quoted form of button & " > /dev/null 2>&1 &"
end Press
