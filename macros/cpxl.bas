Attribute VB_Name = "cpxl"
Option Explicit
Option Private Module

Private Ribbon As IRibbonUI

' Excel hands over the ribbon when it has drawn it.
Public Sub Loaded(theRibbon As IRibbonUI)
    Set Ribbon = theRibbon
End Sub

' Have buttons and labels looked at again: after a click, and when another workbook comes to the front.
Public Sub Refresh()
    If Not Ribbon Is Nothing Then Ribbon.Invalidate
End Sub

' Every button of the ribbon comes here; what it does, cpxl/addin/buttons.py says.
Public Sub Pressed(control As IRibbonControl)
    On Error GoTo Failed
    Application.StatusBar = "cpxl: starting " & ChrW(8230)
    Start control.ID
    Refresh
    Exit Sub
Failed:
    Application.StatusBar = False
    MsgBox FailureMessage(Err.Description), vbExclamation, "cpxl"
End Sub

' Start Python for a button: on Windows and wait for it, on a Mac and go on, for there Excel must not wait.
Private Sub Start(id As String)
    #If Mac Then
        AppleScriptTask "cpxl.applescript", "Press", Setting("INTERPRETER_MAC") & "|" & id
    #Else
        Dim interpreter As String, shell As Object, ended As Long
        interpreter = Setting("INTERPRETER_WIN")
        If interpreter = "" Then Err.Raise vbObjectError, , "This add-in was built, but not installed."
        If Dir(interpreter) = "" Then Err.Raise vbObjectError, , "Python is not at " & interpreter & " any more."
        Set shell = CreateObject("WScript.Shell")
        ended = shell.Run(CommandLine(interpreter, id, CStr(Application.Hwnd)), 0, True)
        If ended <> 0 Then Err.Raise vbObjectError, , "Python stopped on a fault (" & ended & ")."
    #End If
End Sub

' What runs on Windows. No command prompt is involved, so a policy against it does no harm, and no character of a path.
Public Function CommandLine(interpreter As String, id As String, window As String) As String
    CommandLine = Chr(34) & interpreter & Chr(34) & " -B -P -m cpxl.addin " & id & " --hwnd=" & window
End Function

' A line of the add-in's own sheet.
Private Function Setting(name As String) As String
    Dim row As Long
    With ThisWorkbook.Worksheets("cpxl.conf")
        For row = 1 To 20
            If .Cells(row, 1).Value = name Then Setting = .Cells(row, 2).Value
        Next row
    End With
End Function

' What the coordinator reads when Python could not be run.
Public Function FailureMessage(cause As String) As String
    FailureMessage = "cpxl could not do this. " & cause & vbCrLf & vbCrLf & _
        "If this comes again, type 'cpxl addin status' at a command prompt and send what it says to whoever " & _
        "looks after cpxl."
End Function

' What the ribbon shows, from what can be seen of the workbook in front without Python.

' Whether a button can be clicked. Its tag says what it needs: a master, or nothing.
Public Sub IsEnabled(control As IRibbonControl, ByRef enabled As Variant)
    enabled = control.Tag <> "master" Or Fact(ActiveWorkbook, "kind") = "master"
End Sub

' The quarter that the master in front shows.
Public Sub QuarterLabel(control As IRibbonControl, ByRef label As Variant)
    label = QuarterOf(ActiveWorkbook)
End Sub

' How many strands have returned.
Public Sub ReturnedLabel(control As IRibbonControl, ByRef label As Variant)
    label = ReturnedOf(ActiveWorkbook)
End Sub

' What to do next, as the master in front knew when it was last consolidated.
Public Sub NextLabel(control As IRibbonControl, ByRef label As Variant)
    label = " "
    If Fact(ActiveWorkbook, "next") <> "" Then label = Fact(ActiveWorkbook, "next")
End Sub

Public Function QuarterOf(book As Workbook) As String
    QuarterOf = "No master in front"
    If Fact(book, "kind") = "master" Then QuarterOf = Fact(book, "quarter")
End Function

Public Function ReturnedOf(book As Workbook) As String
    Dim states As Range, returned As Long, row As Long, column As Long
    ReturnedOf = " "
    If Fact(book, "kind") <> "master" Then Exit Function
    On Error GoTo Unknown
    Set states = book.Worksheets("Returns").Range("cpxl_returns")
    For column = 1 To states.Columns.Count
        If states.Cells(1, column).Value = "Return" Then Exit For
    Next column
    For row = 2 To states.Rows.Count
        If states.Cells(row, column).Value = "Returned" Then returned = returned + 1
    Next row
    ReturnedOf = returned & " of " & states.Rows.Count - 1 & " returned"
Unknown:
End Function

' What the hidden sheet of a workbook says of it; nothing if it is none of cpxl's.
Public Function Fact(book As Workbook, name As String) As String
    Dim facts As Range, row As Long
    If book Is Nothing Then Exit Function
    On Error GoTo Unknown
    Set facts = book.Worksheets("cpxl").Range("cpxl_identity")
    For row = 2 To facts.Rows.Count
        If facts.Cells(row, 1).Value = name Then Fact = facts.Cells(row, 2).Value
    Next row
Unknown:
End Function
